/** Who the assistant can speak as. Everybody sees all; admins make and change them. */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { DAY } from '../../config/duration.ts';
import {
  findPersona,
  findPersonaId,
  insertPersona,
  listPersonas,
  updatePersona,
} from '../../db/queries/personas.ts';
import { personaTags } from '../../db/schema/index.ts';
import { traitsSchema } from '../../services/personality/index.ts';
import { cachedQuery } from '../cached.ts';
import { label, version, withoutUndefined } from '../input.ts';
import { mutation } from '../mutation.ts';
import { router } from '../trpc.ts';

/** Of one answer; those after it are asked for with `after`. */
const LIST_MAX = 200;
const PROMPT_LENGTH_MAX = 10_000;
/** They change rarely, and a change is known at once. */
const freshness = { ttlMs: DAY };

const nameInput = z.object({ name: label });
const content = z.object({
  archetype: label,
  traits: traitsSchema,
  voice: label.nullable(),
  systemPrompt: z.string().trim().min(1).max(PROMPT_LENGTH_MAX),
});

export const personaRouter = router({
  idByName: cachedQuery({
    name: 'persona.idByName',
    access: 'signedIn',
    scope: 'public',
    freshness,
    input: nameInput,
    tags: ({ input }) => [personaTags.named(input)],
    load: ({ input }, { db }) => findPersonaId(db, input.name),
  }),

  byName: cachedQuery({
    name: 'persona.byName',
    access: 'signedIn',
    scope: 'public',
    freshness,
    input: nameInput,
    tags: ({ input }) => [personaTags.named(input)],
    load: ({ input }, { db }) => findPersona(db, input.name),
  }),

  list: cachedQuery({
    name: 'persona.list',
    access: 'signedIn',
    scope: 'public',
    freshness,
    input: z.object({ after: label.optional() }).optional(),
    tags: () => [personaTags.all({})],
    load: ({ input }, { db }) => listPersonas(db, { after: input?.after ?? '', limit: LIST_MAX }),
  }),

  create: mutation({
    access: 'admin',
    input: nameInput.extend({ ...content.shape, voice: content.shape.voice.default(null) }),
    run: ({ input, write }) =>
      write(async (tx) => {
        const persona = await insertPersona(tx, input);
        if (persona) return persona;
        const message = `A persona named ${input.name} exists already`;
        throw new TRPCError({ code: 'CONFLICT', message });
      }),
  }),

  update: mutation({
    access: 'admin',
    input: nameInput.extend({
      ...content.partial().shape,
      expectedVersion: version.optional(),
    }),
    run: ({ input, write }) =>
      write(async (tx) => {
        const { name, expectedVersion, ...given } = input;
        const change = { expectedVersion, content: withoutUndefined(given) };
        const persona = await updatePersona(tx, name, change);
        if (persona) return persona;
        const current = await findPersona(tx, name);
        if (!current) throw new TRPCError({ code: 'NOT_FOUND', message: 'No such persona' });
        const message = `The persona has version ${current.version}, not ${expectedVersion}: load it again`;
        throw new TRPCError({ code: 'CONFLICT', message });
      }),
  }),
});

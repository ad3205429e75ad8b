/** How the caller wants the studio and its assistant to be. */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { findPreferences, patchPreferences } from '../../db/queries/preferences.ts';
import { preferenceTags } from '../../db/schema/index.ts';
import { cachedQuery } from '../cached.ts';
import { label, noInput } from '../input.ts';
import { mutation } from '../mutation.ts';
import { router } from '../trpc.ts';

/** Of one user, those of clients included. */
const SETTINGS_MAX = 100;
const OWN_TEXT_LENGTH_MAX = 1_000;

const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;
const NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** Null takes a setting back to its default. Names that are not ours are a client's own. */
const patch = z
  .object({
    language: z
      .string()
      .max(35)
      .regex(LANGUAGE, 'Not a language tag such as en or pt-BR')
      .nullish(),
    theme: z.enum(['system', 'light', 'dark']).nullish(),
    replyLength: z.enum(['short', 'medium', 'long']).nullish(),
    formality: z.number().min(0).max(1).nullish(),
    emoji: z.boolean().nullish(),
    botName: label.nullish(),
    reuseScope: z.enum(['project', 'owner', 'shared']).nullish(),
  })
  .catchall(z.union([z.string().max(OWN_TEXT_LENGTH_MAX), z.number(), z.boolean(), z.null()]))
  .refine((settings) => Object.keys(settings).every((name) => NAME.test(name)), {
    message: 'The name of a setting begins with a letter and has at most 64 characters',
  });

export const preferencesRouter = router({
  get: cachedQuery({
    name: 'preferences.get',
    access: 'signedIn',
    scope: 'user',
    input: noInput,
    tags: ({ userId }) => [preferenceTags.ofUser({ userId })],
    load: ({ userId }, { db }) => findPreferences(db, userId),
  }),

  update: mutation({
    access: 'signedIn',
    input: patch,
    run: ({ input, userId, write }) =>
      write(async (tx) => {
        const settings = await patchPreferences(tx, userId, input);
        if (Object.keys(settings).length <= SETTINGS_MAX) return settings;
        const message = `At most ${SETTINGS_MAX} settings can be kept: take some back with null`;
        throw new TRPCError({ code: 'PRECONDITION_FAILED', message });
      }),
  }),
});

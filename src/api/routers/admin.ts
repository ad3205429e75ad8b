/** What an admin sees and does: the cache's statistics, invalidation by hand, switches, users. */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { ALL_CACHES, cacheTag, ownerTag } from '../../cache/index.ts';
import { invalidateTags } from '../../db/invalidate.ts';
import { findProject } from '../../db/queries/projects.ts';
import { deleteUser, userExists } from '../../db/queries/users.ts';
import { countSavings } from '../../db/queries/similar.ts';
import { intentSchema } from '../../services/brain/index.ts';
import { savingsOf } from '../../services/reuse/index.ts';
import { userTags } from '../../db/schema/index.ts';
import { id, noInput, projectInput } from '../input.ts';
import { mutation, uncachedQuery, type Call } from '../mutation.ts';
import { router } from '../trpc.ts';
import { warmProject, warmup } from '../warm.ts';
import { promptSchema } from './decision.ts';

/** Tags in one call: more is a flush. */
const TAGS_MAX = 1_000;

/** Of either kind in one call. */
const GIVEN_MAX = 500;
const GIVEN_TEXT_LENGTH_MAX = 10_000;
const GIVEN_DIMENSIONS_MAX = 4_096;
const GIVEN_TOKENS_MAX = 1_000_000;

const givenEmbedding = z.object({
  text: z.string().min(1).max(GIVEN_TEXT_LENGTH_MAX),
  vector: z.array(z.number()).min(1).max(GIVEN_DIMENSIONS_MAX),
});
const givenAnswer = projectInput.extend({
  prompt: promptSchema,
  intent: intentSchema,
  tokens: z.int().min(0).max(GIVEN_TOKENS_MAX).optional(),
});

const cacheName = z.string().min(1).max(100);

export const adminRouter = router({
  cacheStats: uncachedQuery('it is about the cache itself', {
    access: 'admin',
    input: noInput,
    async run({ cache, db, brain, similar, embedder }) {
      const report = cache.report();
      const { model, provider, dimensions } = embedder;
      return {
        ...report,
        decisions: {
          ...savingsOf(await countSavings(db)),
          model: brain.model,
          provider: providerOf(brain.endpoint),
          kept: keptIn(report, 'decision.make'),
          similarTier: similar?.status() ?? null,
        },
        embeddings: {
          model,
          provider,
          dimensions,
          kept: keptIn(report, 'embeddings'),
          searches: keptIn(report, 'scene.search'),
        },
      };
    },
  }),

  invalidate: mutation({
    access: 'admin',
    input: z.object({ tags: z.array(z.string().min(1).max(500)).min(1).max(TAGS_MAX) }),
    async run({ input, write }) {
      await invalidateTags(write, input.tags);
      return { ok: true as const };
    },
  }),

  /** What is theirs, and what others are answered of them (sessions, members' e-mail addresses). */
  invalidateUser: mutation({
    access: 'admin',
    input: z.object({ userId: id }),
    async run({ db, input, write }) {
      const { userId } = input;
      if (!(await userExists(db, userId))) {
        throw new TRPCError({ code: 'NOT_FOUND', message: 'No such user' });
      }
      await invalidateTags(write, [ownerTag(`user:${userId}`), userTags.one({ id: userId })]);
      return { ok: true as const };
    },
  }),

  flush: mutation({
    access: 'admin',
    input: z.object({ cache: cacheName.optional() }).optional(),
    async run({ cache, input, write }) {
      const tag = input?.cache === undefined ? ALL_CACHES : cacheTag(existing(cache, input.cache));
      await invalidateTags(write, [tag]);
      return { ok: true as const };
    },
  }),

  warm: mutation({
    access: 'admin',
    input: projectInput,
    async run({ ctx, db, input, userId }) {
      const project = await findProject(db, { ...input, userId });
      if (!project) throw new TRPCError({ code: 'NOT_FOUND', message: 'No such project' });
      return { warmed: await warmProject({ ctx, projectId: project.id, userId }) };
    },
  }),

  /** Values that are known already, as from another deployment of the same model and embedder. */
  warmup: mutation({
    access: 'admin',
    input: z.object({
      embeddings: z.array(givenEmbedding).max(GIVEN_MAX).default([]),
      answers: z.array(givenAnswer).max(GIVEN_MAX).default([]),
    }),
    run({ ctx: { services }, input }) {
      const { dimensions } = services.embedder;
      if (input.embeddings.some(({ vector }) => vector.length !== dimensions)) {
        const message = `embeddings: the embedder's vectors have ${dimensions} numbers`;
        throw new TRPCError({ code: 'BAD_REQUEST', message });
      }
      return warmup(services, input);
    },
  }),

  setCacheEnabled: mutation({
    access: 'admin',
    input: z.object({ cache: cacheName.optional(), enabled: z.boolean() }),
    async run({ cache, input }) {
      cache.setEnabled(
        input.cache === undefined ? undefined : existing(cache, input.cache),
        input.enabled,
      );
      return { ok: true as const };
    },
  }),

  deleteUser: mutation({
    access: 'admin',
    input: z.object({ userId: id }),
    run: ({ input, userId, write }) => {
      if (input.userId === userId) {
        throw new TRPCError({ code: 'BAD_REQUEST', message: 'userId: you cannot delete yourself' });
      }
      return write(async (tx) => {
        const user = await deleteUser(tx, input.userId);
        if (!user) throw new TRPCError({ code: 'NOT_FOUND', message: 'No such user' });
        return user;
      });
    },
  }),
});

type StudioCache = Call<unknown>['cache'];

/** A model's address may hold more than is to be shown. */
const providerOf = (endpoint: string) => (endpoint === '' ? 'local' : new URL(endpoint).host);

/** Of one cache: what this process keeps, and how often that, or what others keep, was the answer. */
function keptIn({ caches }: ReturnType<StudioCache['report']>, wanted: string) {
  const found: Partial<(typeof caches)[number]> = caches.find(({ name }) => name === wanted) ?? {};
  const { entries = 0, bytes = 0, l1Hits = 0, l2Hits = 0, joined = 0 } = found;
  return { entries, bytes, hits: l1Hits + l2Hits + joined };
}

function existing(cache: StudioCache, name: string): string {
  if (cache.report().caches.some((known) => known.name === name)) return name;
  throw new TRPCError({ code: 'NOT_FOUND', message: `No cache is named ${name}` });
}

/**
 * The caller's own personality: what is known of how they write. A fresh one becomes stale by time
 * alone, so that its cached answer ends at that moment, in every tier.
 */
import { z } from 'zod';
import { findPersonality } from '../../db/queries/personality.ts';
import { personalityTags } from '../../db/schema/index.ts';
import {
  partialAnalysisSchema,
  personalityAt,
  traitsSchema,
  type Personality,
} from '../../services/personality/index.ts';
import { cachedQuery } from '../cached.ts';
import { noInput } from '../input.ts';
import { mutation } from '../mutation.ts';
import { router } from '../trpc.ts';

export const saveInput = z.object({
  analysis: partialAnalysisSchema,
  /** 0: there must be none yet. */
  expectedVersion: z.int().min(0).optional(),
});

export const personalityRouter = router({
  get: cachedQuery({
    name: 'personality.get',
    access: 'signedIn',
    scope: 'user',
    input: noInput,
    tags: ({ userId }) => [personalityTags.ofUser({ userId })],
    load: async ({ userId }, { db, now }): Promise<Personality> =>
      personalityAt(now(), await findPersonality(db, userId)),
    validUntil: ({ freshUntil }) => freshUntil ?? undefined,
  }),

  analyze: mutation({
    access: 'signedIn',
    input: z.object({ force: z.boolean().optional() }).optional(),
    run: ({ input, personality, userId }) =>
      personality.analyze(userId, { force: input?.force ?? false }),
  }),

  save: mutation({
    access: 'signedIn',
    input: saveInput,
    run: ({ input, personality, userId }) => personality.save(userId, input),
  }),

  tune: mutation({
    access: 'signedIn',
    input: z.object({ traits: traitsSchema }),
    run: ({ input, personality, userId }) => personality.tune(userId, input.traits),
  }),

  invalidate: mutation({
    access: 'signedIn',
    input: noInput,
    async run({ personality, userId }) {
      await personality.invalidate(userId);
      return { ok: true as const };
    },
  }),

  delete: mutation({
    access: 'signedIn',
    input: noInput,
    async run({ personality, userId }) {
      await personality.delete(userId);
      return { ok: true as const };
    },
  }),
});

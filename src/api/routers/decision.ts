/**
 * Decisions on prompts. What a prompt asks for is decided once for the owner's projects that look
 * alike (docs/decisions.md) and kept; what that means for the scenes is found out each time.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { SECOND } from '../../config/duration.ts';
import {
  findDecisionBasis,
  findDecisionProject,
  hasDecision,
  insertDecision,
  listDecisions,
  lockDecision,
  markApplied,
  setVerdict,
  type DecisionRow,
} from '../../db/queries/decisions.ts';
import { appendSimilar, findSimilarRow } from '../../db/queries/similar.ts';
import { listScenes } from '../../db/queries/scenes.ts';
import { decisionTags } from '../../db/schema/index.ts';
import type { WriteTx } from '../../db/write.ts';
import {
  BRAIN_TIMEOUT_MS,
  plainPrompt,
  relevantContext,
  resolve,
  sceneToRewrite,
  type Intent,
  type Proposal,
} from '../../services/brain/index.ts';
import { namesMentioned, type Decided } from '../../services/reuse/index.ts';
import { requireAccess } from '../access.ts';
import { applyProposal } from '../apply-proposal.ts';
import { cachedAction, cachedQuery } from '../cached.ts';
import type { Services } from '../context.ts';
import { createGiving } from '../giving.ts';
import { id, projectInput, time } from '../input.ts';
import { mutation } from '../mutation.ts';
import { knownCaches } from '../resources.ts';
import { requireProject } from '../scene-content.ts';
import { router } from '../trpc.ts';

const PROMPT_LENGTH_MAX = 4_000;
export const promptSchema = z.string().trim().min(1).max(PROMPT_LENGTH_MAX);
/** Of one page. */
const PAGE_MAX = 100;
const PAGE_DEFAULT = 20;
/** The model's time, and the similar tier's before it. */
const LOAD_MS_MAX = BRAIN_TIMEOUT_MS + 5 * SECOND;
/** Dearer than a pause of a busy store is a second question. */
const STORE_PATIENCE_MS = 2 * SECOND;
/** Of new code for a scene, both attempts. */
const REWRITE_MS_MAX = 2 * BRAIN_TIMEOUT_MS;

export interface Decision {
  id: string;
  operation: Proposal['operation'];
  targetSceneId?: string;
  proposal?: Proposal;
  reasoning: string;
  /** From 0 to 1. */
  confidence: number;
  model: string;
  /** As it was rated. */
  verdict?: 'good' | 'bad';
  createdAt: Date;
}

/** What is kept: no word of it is about one project. */
interface KeptIntent extends Decided {
  readonly model: string;
}

/** The cache of intents. */
const MAKE = 'decision.make';
const giving = createGiving<KeptIntent>();

/** How a decision was got: by asking, from an equal prompt, from a similar one. */
type Reuse = 'none' | 'exact' | 'similar';

/** From whom answers come: part of the key as it is. */
type ReuseScope = 'project' | 'owner' | 'shared';

export const decisionRouter = router({
  make: cachedAction({
    name: MAKE,
    access: { project: 'editor' },
    scope: 'user',
    // No grace: an intent is 30 minutes old at most (CACHE_TTL_AI).
    // A process that waits for another's question to the model saves one, so it waits as long as one
    // may take.
    freshness: {
      graceMs: 0,
      loadTimeoutMs: LOAD_MS_MAX,
      claimWaitMs: LOAD_MS_MAX,
      storePatienceMs: STORE_PATIENCE_MS,
    },
    input: projectInput.extend({ prompt: promptSchema }),
    basis: ({ input }, services) => basisOf(input, services),
    sharedWithin: (basis) => sharedWithin(basis),
    tags: () => [],
    async load({ input }, { brain, similar, signal, doNotKeep }): Promise<KeptIntent> {
      const given = giving.take();
      if (given) return given;
      const { prompt, context, scope, ownerId, named, refused, model } = input;
      const question = { prompt, context, scope, ownerId, named, isRefused: refused > 0 };
      const decided = await similar.decide(question, () => brain.decide(prompt, context, signal));
      // The next one like it is judged anew: what was right by chance is not made certain.
      if (decided.via === 'similar') doNotKeep();
      return { ...decided, model };
    },
    async act({ input, userId, value, reuse: exactly, write, db, rewrite }) {
      const { projectId, prompt } = input;
      const { decisionId, intent, model, similarId } = value;
      const reuse: Reuse = value.via === 'similar' ? 'similar' : exactly;
      // Before the transaction: a model takes seconds, and the project is locked in it.
      const toRewrite = rewrite && sceneToRewrite(intent, await listScenes(db, projectId));
      const written =
        toRewrite && (await rewrite(toRewrite, prompt, AbortSignal.timeout(REWRITE_MS_MAX)));
      return write(async (tx) => {
        await requireProject(tx, projectId);
        const scenes = await listScenes(tx, projectId);
        const rewritten = written && scenes.find((scene) => scene.id === written.sceneId);
        if (rewritten?.version !== written?.version) {
          const message = 'The scene has changed while its code was written: ask again';
          throw new TRPCError({ code: 'CONFLICT', message });
        }
        const { proposal, targetSceneId } = resolve(intent, scenes, written);
        const { operation } = proposal;
        const isFirst = reuse === 'none';
        const basedOn =
          !isFirst && (await hasDecision(tx, { projectId, decisionId })) ? decisionId : undefined;
        const { reasoning, confidence } = intent;
        const tokensSaved = isFirst ? 0 : value.tokens;
        const row = await insertDecision(tx, {
          ...(isFirst ? { id: decisionId } : { basedOn }),
          tokens: (isFirst ? value.tokens : 0) + (written?.tokens ?? 0),
          tokensSaved,
          similarId,
          projectId,
          userId,
          prompt,
          wish: plainPrompt(prompt),
          model,
          reuse,
          reasoning,
          confidence,
          operation,
          targetSceneId,
          proposal,
        });
        return {
          ...shown(row),
          reuse,
          tokensSaved,
          ...(basedOn === undefined ? {} : { basedOn }),
        };
      });
    },
  }),

  /** What an editor thinks of it. A bad one is not reused again, and counts as a failed audit. */
  rate: mutation({
    access: 'signedIn',
    input: z.object({ decisionId: id, verdict: z.enum(['good', 'bad']) }),
    async run({ input: { decisionId, verdict }, ctx, session, db, write }) {
      const projectId = await findDecisionProject(db, decisionId);
      if (projectId === undefined) throw noSuchDecision();
      const check = { access: { project: 'editor' }, ctx, session, input: { projectId } } as const;
      await requireAccess(check).catch((error: unknown) => {
        // Who is no member learns nothing of the decision either.
        throw error instanceof TRPCError && error.code === 'NOT_FOUND' ? noSuchDecision() : error;
      });
      return write(async (tx) => {
        const decision = await lockDecision(tx, { projectId, decisionId });
        if (!decision) throw noSuchDecision();
        await setVerdict(tx, { projectId, decisionId }, verdict);
        if (verdict === 'bad' && decision.verdict !== 'bad') await refute(tx, decision);
        return { ok: true as const };
      });
    },
  }),

  history: cachedQuery({
    name: 'decision.history',
    access: { project: 'viewer' },
    scope: 'project',
    input: projectInput.extend({
      limit: z.int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
      // Of the last one of the page before.
      cursor: z.object({ createdAt: time, id }).optional(),
    }),
    tags: ({ input }) => [decisionTags.ofProject(input)],
    async load({ input: { projectId, limit, cursor } }, { db }) {
      const rows = await listDecisions(db, projectId, { limit: limit + 1, cursor });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const items = page.map(shown);
      return rows.length > limit && last
        ? { items, nextCursor: { createdAt: last.createdAt, id: last.id } }
        : { items };
    },
  }),
});

/**
 * Not in the router above: tRPC takes no procedure called `apply`, because its callers are functions.
 * The app's router has it under its whole path, which is the same to every client.
 */
export const decisionApply = mutation({
  access: { project: 'editor' },
  input: projectInput.extend({ decisionId: id }),
  run: ({ input, write }) =>
    write(async (tx) => {
      await requireProject(tx, input.projectId);
      const decision = await lockDecision(tx, input);
      if (!decision) throw noSuchDecision();
      if (decision.appliedAt !== null) {
        throw new TRPCError({ code: 'CONFLICT', message: 'The decision was applied already' });
      }
      const scene = await applyProposal(tx, input.projectId, proposalOf(decision));
      await markApplied(tx, input);
      return scene ? { scene } : {};
    }),
});

const noSuchDecision = () => new TRPCError({ code: 'NOT_FOUND', message: 'No such decision' });

interface Wish {
  readonly projectId: string;
  readonly prompt: string;
}

/** What an answer depends on: the key of what is kept. */
async function basisOf({ prompt, projectId }: Wish, { db, brain }: Pick<Services, 'db' | 'brain'>) {
  const plain = plainPrompt(prompt);
  const basis = await findDecisionBasis(db, { projectId, wish: plain });
  if (!basis) throw new TRPCError({ code: 'NOT_FOUND', message: 'No such project' });
  const { ownerId, reuseScope, names, refused, ...context } = basis;
  const { model, endpoint, version } = brain;
  const named = namesMentioned(prompt, names);
  // "Hello, world" may be a scene.
  const isWhole = isDeepStrictEqual(namesMentioned(plain, names), named);
  return {
    prompt: isWhole ? plain : prompt,
    // No more than the prompt can depend on, here and for whoever decides.
    context: relevantContext(prompt, context),
    ...sharing(reuseScope as ReuseScope | null, { ownerId, projectId }),
    // A scene that is gone, or no longer the only one of its name, makes another key.
    named,
    // And so does each answer that somebody called wrong.
    refused,
    model,
    endpoint,
    version,
  };
}

function sharedWithin({ ownerId }: { ownerId: string | null }): string {
  return ownerId ?? 'shared';
}

export interface GivenAnswer extends Wish {
  readonly intent: Intent;
  /** What it cost. Default: nothing. */
  readonly tokens?: number | undefined;
}

/**
 * Keeps an intent that is known already, as the model's answer to this very prompt; by likeness it
 * answers no other.
 * @returns whether it is new
 */
export async function giveAnswer(services: Services, given: GivenAnswer): Promise<boolean> {
  const { intent, tokens = 0, ...wish } = given;
  const basis = await basisOf(wish, services);
  const decided = { intent, tokens, decisionId: randomUUID(), via: 'model' } as const;
  const definition = knownCaches.find(({ name }) => name === MAKE) as never;
  const args = { input: basis, userId: sharedWithin(basis) } as never;
  return giving.give({ ...decided, model: basis.model }, () =>
    services.cache.read(definition, args),
  );
}

/** Who may be answered from what is kept for this project. */
function sharing(
  reuseScope: ReuseScope | null,
  { ownerId, projectId }: { ownerId: string; projectId: string },
) {
  if (reuseScope === 'shared') return { scope: 'shared', ownerId: null };
  const within = reuseScope === 'project' ? `project:${projectId}` : 'projects';
  return { scope: `${ownerId}:${within}`, ownerId };
}

/** Takes the intent out of the similar tier, and where it was reused there, says that this was wrong. */
async function refute(tx: WriteTx, { similarId }: DecisionRow): Promise<void> {
  const row = similarId === null ? undefined : await findSimilarRow(tx, similarId);
  if (!row) return;
  const { source, shelf, ownerId, judge } = row;
  const isReuse = row.kind === 'reuse';
  await appendSimilar(tx, {
    source,
    shelf,
    ownerId,
    judge,
    kind: 'refute',
    entryId: isReuse ? row.entryId : row.id,
    features: isReuse ? row.features : null,
    score: 0,
    weight: 0,
  });
}

/** Only `decision.make` writes proposals. */
const proposalOf = ({ proposal }: DecisionRow) => proposal as Proposal;

function shown(row: DecisionRow): Decision {
  const { id: decisionId, operation, targetSceneId, reasoning, confidence, model, createdAt } = row;
  const { verdict } = row;
  return {
    id: decisionId,
    operation,
    ...(targetSceneId === null ? {} : { targetSceneId }),
    proposal: proposalOf(row),
    reasoning,
    confidence,
    model,
    ...(verdict === null ? {} : { verdict }),
    createdAt,
  };
}

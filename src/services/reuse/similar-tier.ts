/**
 * The similar tier of decisions: an intent that was made for a prompt may answer another that says the
 * same, within a bound on wrong reuse (docs/similar.md). Between the exact tier and the brain: what
 * it does not answer, the brain is asked for, and learned from.
 *
 * Entries and evidence are rows of one log (db/schema/similar.ts) that every process follows. The log
 * is of one source: with another model, address, template, embedder or kind of evidence it begins
 * empty, in shadow.
 * Whatever fails here (embedder, database, a log still being read) costs a call, never an error; it
 * is counted by its reason. Durations are milliseconds.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { EVIDENCE_VERSION, factsOf, wordsOf, type Proposal } from '../../cache/similar/index.ts';
import { SECOND } from '../../config/duration.ts';
import type { NewSimilarRow, SimilarLog, SimilarRow } from '../../db/queries/similar.ts';
import type { Brain, BrainContext, Intent, Thought } from '../brain/index.ts';
import {
  equivalenceOf,
  EQUIVALENCE_VERSION,
  isReusable,
  namesIn,
  plainName,
} from '../brain/equivalence.ts';
import { placesIn } from '../brain/rule-words.ts';
import { EmbedderError, type Embedder } from '../embeddings/embedder.ts';
import { Replica, textOf, type StoredIntent } from './replica.ts';

/** A model's answer takes seconds: waiting longer than this for a chance to save it does not pay. */
const EMBED_MS_MAX = SECOND;
const FOLLOW_MS_MAX = SECOND / 4;
const PAGE = 200;
/** Rows applied at a stretch: about 10 ms. */
const STRETCH = 16;
/** What is applied and has left the log still takes memory: a replica is made anew then. */
const ROWS_MAX = 20_000;

/** Deleting is never decided by likeness. */
const DELETES =
  /\b(?:delet|remov|drop|discard|eras|destroy|wip(?:e|ing)|trash|kill|get(?:ting)? rid|throw|do away|take out)/i;

/** Why a prompt was not compared. */
export type SkipReason =
  | 'deletion'
  | 'refused'
  | 'beyondReach'
  | 'embedderBusy'
  | 'embedderTimeout'
  | 'embedderUnavailable'
  | 'starting'
  | 'databaseFailed';

export interface Question {
  readonly prompt: string;
  readonly context: BrainContext;
  /** Who shares answers: part of the partition. */
  readonly scope: string;
  /** Whose the prompt is; null: it is shared with all. */
  readonly ownerId: string | null;
  /** Somebody called an answer to this very prompt wrong: it is not to be had by likeness again. */
  readonly isRefused: boolean;
  /** The project's own names that the prompt mentions, as `namesMentioned` gives them. */
  readonly named: readonly string[];
}

export interface Decided extends Thought {
  readonly via: 'model' | 'similar';
  /** The decision for which the intent was made. */
  readonly decisionId: string;
  /** In the log: what was stored, or of a reuse, what was judged. */
  readonly similarId?: number;
}

export interface SimilarTierStatus {
  /** Nothing is reused until the bound is met. */
  readonly shadow: boolean;
  readonly entries: number;
  readonly wrongMax: number;
  readonly skipped: Readonly<Record<SkipReason, number>>;
}

export interface SimilarTier {
  decide(question: Question, ask: () => Promise<Thought>): Promise<Decided>;
  status(): SimilarTierStatus;
}

export interface SimilarTierOptions {
  readonly brain: Pick<Brain, 'model' | 'endpoint' | 'version'>;
  readonly embedder: Embedder;
  readonly log: SimilarLog;
  /** δ: wrong reuses as a share of all requests. */
  readonly wrongMax: number;
  /** How long an intent may be reused. */
  readonly ttlMs: number;
  /** From 0 to 1: who is audited. Default: Math.random. */
  readonly random?: () => number;
  readonly onError?: (error: unknown) => void;
}

interface Look {
  readonly proposal: Proposal & { stored?: StoredIntent };
  readonly shelf: string;
  readonly facts: string;
  readonly vector: Float32Array;
}

/** Without the tier: the brain is asked. */
export const askAlways: Pick<SimilarTier, 'decide'> = {
  decide: async (_question, ask) => ({
    ...(await ask()),
    via: 'model',
    decisionId: randomUUID(),
  }),
};

export function createSimilarTier(options: SimilarTierOptions): SimilarTier {
  const { brain, embedder, log, wrongMax, ttlMs, random = Math.random } = options;
  const judge = randomUUID();
  const source = digest([
    brain.model,
    brain.endpoint,
    brain.version,
    embedder.id,
    EQUIVALENCE_VERSION,
    EVIDENCE_VERSION,
  ]);
  const skipped: Record<SkipReason, number> = {
    deletion: 0,
    refused: 0,
    beyondReach: 0,
    embedderBusy: 0,
    embedderTimeout: 0,
    embedderUnavailable: 0,
    starting: 0,
    databaseFailed: 0,
  };
  let replica: Replica | undefined;
  let following: Promise<Replica> | undefined;
  let next: Promise<Replica> | undefined;

  function skip(reason: SkipReason): undefined {
    skipped[reason] += 1;
    return undefined;
  }

  /** One at a time: what is under way may have read too early, and all who come then share the next. */
  async function follow(): Promise<Replica> {
    if (following) {
      next ??= following.then(startFollowing, startFollowing);
      return next;
    }
    return startFollowing();
  }

  function startFollowing(): Promise<Replica> {
    next = undefined;
    const turn = catchUp().finally(() => {
      if (following === turn) following = undefined;
    });
    following = turn;
    return turn;
  }

  async function catchUp(): Promise<Replica> {
    let current = replica;
    if (!current || current.rows > ROWS_MAX) {
      const { dimensions } = embedder;
      const start = await log.start(source);
      const onError = (error: unknown) => options.onError?.(error);
      current = new Replica({ dimensions, wrongMax, judge, ttlMs, random, onError }, start);
    }
    let rows: SimilarRow[];
    do {
      rows = await log.read(source, { after: current.seen, limit: PAGE });
      for (const [place, row] of rows.entries()) {
        if (place % STRETCH === STRETCH - 1) await setImmediate();
        current.apply(row);
      }
    } while (rows.length === PAGE);
    // One that nobody has asked yet begins with what can be learned from all that it has read.
    if (current !== replica) await current.refitted;
    replica = current;
    return current;
  }

  async function look(question: Question): Promise<Look | undefined> {
    const { prompt, scope, context, named } = question;
    if (question.isRefused) return skip('refused');
    if (DELETES.test(prompt)) return skip('deletion');
    if (wordsOf(prompt).length > embedder.wordsMax) return skip('beyondReach');
    try {
      const [vectors, known] = await Promise.all([
        embedder.embed([prompt], AbortSignal.timeout(EMBED_MS_MAX)),
        within(follow(), FOLLOW_MS_MAX),
      ]);
      const [vector] = vectors;
      if (!vector || !known) return skip('starting');
      const facts = factsWith(prompt, named);
      const { projectType, sceneCount, lastSceneType } = context;
      // What the guards would keep apart need not be compared.
      const shelf = digest([scope, projectType, sceneCount, lastSceneType, facts]);
      const text = textOf(prompt, { facts, vector });
      return { proposal: known.propose(shelf, text, new Date()), shelf, facts, vector };
    } catch (error) {
      options.onError?.(error);
      return skip(error instanceof EmbedderError ? REASON[error.code] : 'databaseFailed');
    }
  }

  /** What was done and cannot be told is forgotten: others then know a little less. */
  async function record(row: NewSimilarRow): Promise<number | undefined> {
    try {
      return await log.append(row);
    } catch (error) {
      options.onError?.(error);
      return skip('databaseFailed');
    }
  }

  function rowOf(question: Question, { proposal, shelf }: Look) {
    const { verdict, score, weight, features, stored } = proposal;
    return {
      source,
      shelf,
      judge,
      ownerId: question.ownerId,
      kind: verdict,
      score,
      weight,
      features: features ? [...features] : null,
      entryId: stored?.id ?? null,
    };
  }

  async function reuse(question: Question, looked: Look): Promise<Decided | undefined> {
    const { stored } = looked.proposal;
    if (!stored) return undefined;
    const similarId = await record(rowOf(question, looked));
    // What nobody can be told of could not be taken back either.
    if (similarId === undefined) return undefined;
    const { intent, tokens, decisionId } = stored;
    return { intent, tokens, decisionId, via: 'similar', similarId };
  }

  async function learn(question: Question, looked: Look, thought: Thought): Promise<Decided> {
    const { prompt } = question;
    const { proposal, facts, vector } = looked;
    const { intent, tokens } = thought;
    const answer = equivalenceOf(intent);
    const decisionId = randomUUID();
    const similarId = await record({
      ...rowOf(question, looked),
      isRight: proposal.stored ? proposal.stored.answer === answer : null,
      prompt,
      facts,
      answer,
      intent,
      tokens,
      decisionId,
      votesOnly: !mayAnswerOthers(intent, facts),
      vector: new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength),
    });
    const decided: Decided = { ...thought, decisionId, via: 'model' };
    return similarId === undefined ? decided : { ...decided, similarId };
  }

  return {
    async decide(question, ask) {
      const looked = await look(question);
      if (!looked) return askAlways.decide(question, ask);
      const reused =
        looked.proposal.verdict === 'reuse' ? await reuse(question, looked) : undefined;
      if (reused) return reused;
      const thought = await ask();
      // A reuse that could not be recorded was none, and says nothing of what to learn.
      if (looked.proposal.verdict === 'reuse')
        return askAlways.decide(question, async () => thought);
      return learn(question, looked, thought);
    },
    status: () => ({
      shadow: replica?.shadow ?? true,
      entries: replica?.entries ?? 0,
      wrongMax,
      skipped: { ...skipped },
    }),
  };
}

const REASON: Readonly<Record<EmbedderError['code'], SkipReason>> = {
  busy: 'embedderBusy',
  timeout: 'embedderTimeout',
  unavailable: 'embedderUnavailable',
};

/** Of a project's names, those that the prompt mentions; one that several scenes have says how many. */
export function namesMentioned(prompt: string, names: readonly string[]): string[] {
  const words = ` ${plainName(prompt)} `;
  const counts = new Map<string, number>();
  for (const name of names.map(plainName)) {
    if (name !== '' && words.includes(` ${name} `)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Array.from(counts, ([name, count]) => (count === 1 ? name : `${name} (${count})`)).sort();
}

/** The guards' line: the prompt's facts, and what of it is a scene's place, or a name in this project. */
function factsWith(prompt: string, named: readonly string[]): string {
  const entities = named.map((name) => `entity:${name}`);
  const places = placesIn(prompt).map((place) => `place:${place}`);
  return [factsOf(prompt), ...entities, ...places].join(';');
}

/** A scene that is named must be one that the prompt named: the guards know of no other. */
function mayAnswerOthers(intent: Intent, facts: string): boolean {
  const known = new Set(facts.split(';'));
  return isReusable(intent) && namesIn(intent).every((name) => known.has(`entity:${name}`));
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Undefined when it takes longer; it goes on, and its failure is then nobody's. */
async function within<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  const over = new AbortController();
  work.catch(() => undefined);
  try {
    return await Promise.race([
      work,
      setTimeout(limitMs, undefined, { signal: over.signal, ref: false }),
    ]);
  } finally {
    over.abort();
  }
}

/**
 * What one process knows of the similar tier: a function of the log's rows, applied in their order.
 * Processes that have applied the same rows know the same, but for how they compare texts: that is
 * learned anew now and then, beside the answering of requests, and follows some seconds later.
 * Knows no database and no embedder.
 */
import { setImmediate } from 'node:timers/promises';
import {
  advance,
  CANDIDATES_MAX,
  createSimilar,
  NearestIndex,
  termsOf,
  wordsOf,
  type Proposal,
  type Shelf,
  type Similar,
  type SimilarText,
  type Work,
} from '../../cache/similar/index.ts';
import type { SimilarRow } from '../../db/queries/similar.ts';
import type { Intent } from '../brain/index.ts';

/** Entries that may answer, of all shelves: about 100 MB. Beyond it the oldest goes. */
const ENTRIES_MAX = 10_000;
/** Of learning anew, between two turns of the event loop, in multiply-adds: some 3 ms. */
export const STRETCH_COST = 3_000_000;

export interface StoredIntent {
  /** Its row in the log. */
  readonly id: number;
  readonly shelf: string;
  /** The decision for which it was made. */
  readonly decisionId: string;
  readonly intent: Intent;
  /** What it cost. */
  readonly tokens: number;
  readonly answer: string;
  readonly storedAt: Date;
}

export interface ReplicaOptions {
  readonly dimensions: number;
  readonly wrongMax: number;
  /** This process, in the log. */
  readonly judge: string;
  readonly ttlMs: number;
  readonly random: () => number;
  /** Learning anew failed: texts are compared as before. */
  readonly onError?: (error: unknown) => void;
  /**
   * Between two stretches of learning anew, told what the last has cost in multiply-adds. Default:
   * until the next turn of the event loop.
   */
  readonly pause?: (cost: number) => Promise<unknown>;
}

interface Partition {
  readonly shelf: Shelf;
  readonly index: NearestIndex;
}

export class Replica {
  readonly #options: ReplicaOptions;
  readonly #similar: Similar;
  readonly #partitions = new Map<string, Partition>();
  /** In the order of their rows, which is that of their age. */
  readonly #entries = new Map<number, StoredIntent>();
  /** The last row applied. */
  seen: number;
  /** Rows applied. */
  rows = 0;
  /** Settles when nothing is being learned anew. Never rejects. */
  refitted: Promise<void> = Promise.resolve();

  constructor(options: ReplicaOptions, seen: number) {
    this.#options = options;
    const refit = (work: Work<void>) => {
      this.refitted = this.#refit(work);
    };
    this.#similar = createSimilar({ ...options, refit });
    this.seen = seen;
  }

  get shadow(): boolean {
    return this.#similar.policy.shadow;
  }

  get entries(): number {
    return this.#entries.size;
  }

  /** Counts as judged here. */
  propose(shelf: string, text: SimilarText, now: Date): Proposal & { stored?: StoredIntent } {
    this.#expire(now);
    const { shelf: own, index } = this.#partition(shelf);
    const near = index.nearest(text.vector, CANDIDATES_MAX);
    const proposal = this.#similar.propose(own, text, near);
    const stored = proposal.entry && this.#entries.get(Number(proposal.entry.id));
    return stored ? { ...proposal, stored } : proposal;
  }

  apply(row: SimilarRow): void {
    this.seen = row.id;
    this.rows += 1;
    const { kind, score, weight, isRight } = row;
    const { policy } = this.#similar;
    const features = row.features ?? undefined;
    if (kind === 'refute') {
      if (features) policy.refute(features);
      if (row.entryId !== null) this.#remove(row.entryId);
      return;
    }
    const judgement = { verdict: kind, score, weight };
    if (row.judge !== this.#options.judge) policy.follow(features, judgement);
    if (features && isRight !== null) policy.learn(features, judgement, isRight);
    this.#store(row);
  }

  /** Whoever waits for an answer goes first. */
  async #refit(work: Work<void>): Promise<void> {
    const { pause = () => setImmediate(), onError } = this.#options;
    try {
      await pause(0);
      for (;;) {
        const { done, cost } = advance(work, STRETCH_COST);
        if (done) return;
        await pause(cost);
      }
    } catch (error) {
      onError?.(error);
    }
  }

  #store(row: SimilarRow): void {
    const { id, shelf, prompt, facts, answer, vector, decisionId, tokens } = row;
    if (prompt === null || facts === null || answer === null || !vector || !decisionId) return;
    const text = textOf(prompt, { facts, vector: floatsOf(vector) });
    const entry = { ...text, id: String(id), answer, votesOnly: row.votesOnly === true };
    const partition = this.#partition(shelf);
    this.#similar.answered(partition.shelf, entry, undefined);
    partition.index.add(entry.id, entry.vector);
    const intent = row.intent as Intent;
    const storedAt = row.createdAt;
    this.#entries.set(id, { id, shelf, decisionId, intent, tokens: tokens ?? 0, answer, storedAt });
    if (this.#entries.size <= ENTRIES_MAX) return;
    for (const oldest of this.#entries.keys()) {
      this.#remove(oldest);
      break;
    }
  }

  #expire(now: Date): void {
    const before = now.getTime() - this.#options.ttlMs;
    for (const { id, storedAt } of this.#entries.values()) {
      if (storedAt.getTime() > before) return;
      this.#remove(id);
    }
  }

  #remove(id: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    const partition = this.#partition(entry.shelf);
    partition.shelf.remove(String(id));
    partition.index.remove(String(id));
    if (partition.index.size === 0) this.#partitions.delete(entry.shelf);
  }

  #partition(shelf: string): Partition {
    const known = this.#partitions.get(shelf);
    if (known) return known;
    const index = new NearestIndex();
    const made = { shelf: this.#similar.shelf(), index };
    this.#partitions.set(shelf, made);
    return made;
  }
}

export function textOf(
  prompt: string,
  { facts, vector }: Pick<SimilarText, 'facts' | 'vector'>,
): SimilarText {
  const words = wordsOf(prompt);
  return { words, terms: termsOf(words), vector, facts };
}

function floatsOf(bytes: Uint8Array): Float32Array {
  // The driver's buffer may begin anywhere, floats only at multiples of four.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

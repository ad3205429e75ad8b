/**
 * Bounds and rhythms of one member. Each is a default with its reason; times in milliseconds.
 */
import type { KnowledgeBounds } from './knowledge.ts';

export interface Limits extends KnowledgeBounds {
  /** Loads at the source at the same time. Above the read pool they would only queue there. */
  readonly loadsMax: number;
  /** Loads that wait for a slot. Beyond it they are shed at once: a long queue helps nobody. */
  readonly loadQueueMax: number;
  /** How long a load waits for a slot before it is shed: its reader has likely gone. */
  readonly loadQueueTimeoutMs: number;
  /** Patience with the shared store: beyond it the source is the faster way. */
  readonly storeTimeoutMs: number;
  /**
   * How long to wait for another process that loads the same key, before loading as well: longer
   * than an ordinary load. Who waits for a process that died waits no longer than its claim lasts.
   */
  readonly claimWaitMs: number;
  /** First pause between two looks at what that process has stored; doubles each time … */
  readonly claimPollMs: number;
  /** … up to this: who waits sees the entry so much later than it could. */
  readonly claimPollMsMax: number;
  /** After this a write's message is sent again to those who did not answer. */
  readonly resendMs: number;
  /** Trims per renewal, on average, of the whole fleet; about every ten seconds. */
  readonly trimShare: number;
  /** Leases during which a row stays at least. */
  readonly trimLeases: number;
  /** Newest outbox rows that stay whatever their age, so that a restart finds L2 usable. */
  readonly outboxRowsKept: number;
  /** Rows deleted by one trim: keeps it far below a second. */
  readonly trimRowsMax: number;
}

export const DEFAULT_LIMITS: Limits = {
  tagsMax: 200_000,
  xidsPerTagMax: 16,
  loadsMax: 14,
  loadQueueMax: 1_000,
  loadQueueTimeoutMs: 2_000,
  storeTimeoutMs: 250,
  claimWaitMs: 5_000,
  claimPollMs: 10,
  claimPollMsMax: 80,
  resendMs: 100,
  trimShare: 0.05,
  trimLeases: 10,
  outboxRowsKept: 100_000,
  trimRowsMax: 10_000,
};

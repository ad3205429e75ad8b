/**
 * What is cached: an opaque value with the tags it depends on and the provenance of its load.
 * All times are epoch milliseconds of the wall clock, because entries are shared between machines.
 * Expiry is therefore only as good as the wall clock; coherence never depends on it.
 * Entries are immutable and plain data, so that a store can write them as they are.
 */

/** Committed write of PostgreSQL: a full transaction id (xid8). A number: xid8 stays below 2^53. */
export type Xid = number;

/** What the loader of an entry knew when its load began. */
export interface Provenance {
  /** Below this the loader knew every committed write. */
  readonly horizon: Xid;
  /** Writes to the entry's tags at or above the horizon that the loader knew. A set, any order. */
  readonly known: readonly Xid[];
}

export interface Entry {
  readonly value: unknown;
  readonly tags: readonly string[];
  readonly provenance: Provenance;
  /** When the load was sent to the source. */
  readonly storedAt: number;
  /** Fresh until then. */
  readonly validUntil: number;
  /** Until then it may be answered at once while it is refreshed behind; never below validUntil. */
  readonly staleUntil: number;
  /** Until then it may be answered, marked stale, when the source fails; never below validUntil. */
  readonly graceUntil: number;
  /** From then on a hit refreshes it behind; Infinity without early refresh. */
  readonly refreshAt: number;
  readonly negative: boolean;
  /** Size of the value as the loader tells it, for byte-bounded stores. */
  readonly bytes?: number;
}

/** An entry in L1, with the moment of knowledge up to which it was found usable. */
export interface Resident {
  readonly entry: Entry;
  /** `Knowledge.seq` up to which nothing spoke against it; an equal seq makes a hit one comparison. */
  checkedAt: number;
  /** As `entry.refreshAt`, moved ahead by the hit that starts the refresh. */
  refreshAt: number;
}

/** When an entry may last be of any use; what a store should keep it for. */
export function keepUntil(entry: Entry): number {
  return Math.max(entry.validUntil, entry.staleUntil, entry.graceUntil);
}

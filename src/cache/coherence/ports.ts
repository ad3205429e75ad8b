/**
 * What the machine needs from outside, as promises for the production driver. The machine itself
 * only yields the effects of effects.ts; the driver calls these. Calls may fail at any time, before
 * or after they took effect; the machine counts on nothing else than what is written here.
 */
import type { Entry, Resident, Xid } from './entry.ts';

/** A value never used before in a database of this identity: the xid of the statement that sets it. */
export type Beat = string;

/** The row of a member whose beat stood still. */
export interface Grave {
  readonly id: string;
  readonly beat: Beat;
  /** Of the observation that showed this beat: in another database it may be the beat of today. */
  readonly identity: string;
}

/** What a renewal has applied last; makes the next observation small. */
export interface Since {
  /** Rows with a smaller xid are all applied. */
  readonly horizon: Xid;
  /** `pg_current_snapshot()::text` of that observation: rows visible in it are applied too. */
  readonly snapshot: string;
}

export interface OutboxRow {
  readonly xid: Xid;
  readonly tags: readonly string[];
}

/** All from ONE statement, and so one snapshot, which began after the statement was sent. */
export interface Observation {
  /** System identifier, timeline, database oid and oid of the outbox table, joined. */
  readonly identity: string;
  /** Committed rows with xid >= since.horizon and not visible in since.snapshot; all without `since`. */
  readonly rows: readonly OutboxRow[];
  /** `pg_snapshot_xmin(pg_current_snapshot())`. */
  readonly xmin: Xid;
  /** `pg_current_snapshot()::text`: xmin:xmax:xip_list. */
  readonly snapshot: string;
  /** Rows with a smaller xid may have been trimmed. 0 if none ever was. */
  readonly trimMark: Xid;
  /** Every row of cache_members. */
  readonly beats: ReadonlyMap<string, Beat>;
}

export interface TrimRequest {
  /** Only rows with a smaller xid may go. */
  readonly below: Xid;
  /** The newest rows that stay even if they are below. */
  readonly rowsKept: number;
  /** Rows deleted at once at most, oldest xids first, whole xids only. */
  readonly rowsDeletedMax: number;
}

/** The member list, the outbox and its trimming. Always the primary; every call commits by itself. */
export interface DirectoryPort {
  /**
   * Upserts the member's row with a beat never used before and returns it, once committed.
   * A statement and a transaction of its own, before and apart from `observe`.
   */
  beat(id: string): Promise<Beat>;
  /** One new statement on the primary. See Observation. */
  observe(since: Since | undefined): Promise<Observation>;
  /** Ids of all rows of cache_members, in a snapshot that begins after the call. */
  members(): Promise<readonly string[]>;
  /** Deletes the row if it still has this beat and the database still is that one; ONE statement. */
  reap(grave: Grave): Promise<void>;
  /** `delete … where id = $1`: this process's own row, when it leaves. */
  leave(id: string): Promise<void>;
  /**
   * Deletes outbox rows and raises the trim mark above the highest xid deleted, in ONE transaction.
   * The mark never falls. Concurrent calls must not make it fall either (lock its row first).
   */
  trim(request: TrimRequest): Promise<void>;
}

/** The shared cache (L2). Passive: whatever it does, it can only cause misses. */
export interface StorePort {
  get(key: string): Promise<Entry | undefined>;
  /** Unconditional. `ttlMs` is how long the entry can be of any use. */
  set(key: string, entry: Entry, ttlMs: number): Promise<void>;
  /** True if `by` now is the one to load `key` (or nobody can tell); ends by itself after ttlMs. */
  claim(key: string, by: string, ttlMs: number): Promise<boolean>;
  /** Ends the claim if `by` still holds it. */
  release(key: string, by: string): Promise<void>;
}

export type Message =
  | {
      readonly type: 'write';
      readonly from: string;
      readonly identity: string;
      readonly xid: Xid;
      readonly tags: readonly string[];
    }
  | { readonly type: 'answer'; readonly from: string; readonly to: string; readonly xid: Xid };

/**
 * Broadcast between members. May lose, delay, repeat or reorder anything. What arrives is handed to
 * `member.receive`, and its answer, if any, is published to the one it names.
 */
export interface JournalPort {
  /** To all members, or only to those named. Resolves when handed over, not when delivered. */
  publish(message: Message, to: readonly string[] | undefined): Promise<void>;
}

/** What a loader returns. */
export interface Loaded {
  readonly value: unknown;
  /** Tags found out during the load, in addition to those declared. */
  readonly tags?: readonly string[];
  /** Epoch ms after which the value is wrong whatever the TTL says (a session's end). */
  readonly validUntil?: number;
  /** "There is no such thing": kept for `negativeTtlMs`. */
  readonly negative?: boolean;
  /** False: answer it, but store it nowhere. */
  readonly cacheable?: boolean;
  readonly bytes?: number;
}

/**
 * Runs what a read request carries as `load`: on the primary, in a snapshot that begins after the
 * call. Must end soon after the signal aborts, and must not outlive it on the database.
 */
export type LoadPort = (load: unknown, signal: AbortSignal) => Promise<Loaded>;

export interface Ports {
  readonly directory: DirectoryPort;
  /** None in a single process. */
  readonly store?: StorePort;
  /** None in a single process: a write then returns once it is applied here, if no one else is. */
  readonly journal?: JournalPort;
  readonly load: LoadPort;
}

/** L1, synchronous. May drop anything at any time. */
export interface MemoryPort {
  get(key: string): Resident | undefined;
  set(key: string, resident: Resident): void;
  delete(key: string): void;
  clear(): void;
}

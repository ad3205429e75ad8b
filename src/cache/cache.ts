/**
 * The cache as an application sees it: what it is made of, what it answers and what it tells of itself.
 * `createCache` makes one.
 */
import type { Beside } from './beside.ts';
import type { StoredText } from './codec/value.ts';
import type {
  Answer,
  CoherenceEvent,
  MemberOptions,
  MemberStatus,
  Ports,
  Resident,
  Written,
} from './coherence/index.ts';
import type { Journal, JournalStatus } from './journals/journal.ts';
import type { CacheDefinition, CacheFreshness } from './options.ts';
import type { SharedStoreCounts } from './shared-store.ts';
import type { CacheCounts } from './stats.ts';
import type { BreakerOptions } from './stores/breaker.ts';
import type { TtlAdvice } from './ttl-advice.ts';
import type { MemoryStoreOptions } from './stores/memory-store.ts';
import type { ByteStore } from './stores/store.ts';

/** Tells which tables stand behind tags. `TagRegistry` of the database code is one. */
export interface Coverage {
  withTableTags(tags: readonly string[]): readonly string[];
  uncovered(tags: readonly string[], tables: Iterable<string>): string | undefined;
}

/** As much of a definition as can be said of all of them alike. */
export type KnownDefinition = Pick<
  CacheDefinition<never, never, never>,
  'name' | 'freshness' | 'scope'
>;

/** What one load works with, and what it touched. */
export interface LoadScope<Resources> {
  readonly resources: Resources;
  touched(): Iterable<string>;
}

/** The store that processes share. Whatever it does, it can only cause misses. */
export interface SharedOptions {
  /** Closed by whoever made it, after the cache. Undefined: only what `byCache` names is shared. */
  readonly store: ByteStore | undefined;
  /** Another store for a cache, by its name; undefined: it is shared with nobody. */
  readonly byCache?: Readonly<Record<string, ByteStore | undefined>>;
  /** The same in all processes: what was not stored by one of them is then not believed. */
  readonly secret?: string | undefined;
  readonly breaker?: BreakerOptions;
  /** An entry that was damaged or forged, or could not be stored. */
  readonly onRefused?: (key: string, error: unknown) => void;
}

export interface CacheOptions<Resources> {
  /** This process in the protocol: its id, its lease, its clock. */
  readonly member: Omit<MemberOptions, 'l1' | 'emit'>;
  /** Bounds of the in-process store. */
  readonly memory?: Pick<MemoryStoreOptions<Resident>, 'bytesMax' | 'ownerBytesMax'>;
  readonly ports: Pick<Ports, 'directory'>;
  /** Default: what is cached is cached in this process only. */
  readonly shared?: SharedOptions | undefined;
  /** Tells other processes of a write; without it they learn of it at their next renewal. */
  readonly journal?: Journal | undefined;
  readonly openLoad: () => LoadScope<Resources>;
  /** Known from the start, so that they can be switched and flushed before they are first read. */
  readonly definitions?: readonly KnownDefinition[];
  readonly coverage: Coverage;
  /** True: a load that its tags do not cover throws. False: it is answered and not kept. */
  readonly strict: boolean;
  /** Part of every key: bump it when cached values change their shape. */
  readonly version: string;
  readonly enabled?: boolean;
  /** Settings of a deployment, by cache name; they win over the definition's own. */
  readonly freshness?: Readonly<Record<string, Partial<CacheFreshness>>>;
  readonly onUncovered?: (name: string, reason: string) => void;
  /** What the protocol does, for logs and metrics. */
  readonly onEvent?: (event: CoherenceEvent) => void;
}

export interface CacheRead<Value> {
  /** Undefined: confirmed absent. Of what came from a shared store, decoded when it is asked for. */
  readonly value: Value | undefined;
  /** Whether the value is undefined. */
  readonly absent: boolean;
  /** As the shared store has it; where that is known and the value was not needed yet. */
  readonly stored: StoredText | undefined;
  readonly outcome: Answer['outcome'];
  readonly tier: Answer['tier'];
  /** Epoch milliseconds. */
  readonly storedAt: number;
  readonly validUntil: number;
  readonly deps: readonly string[];
  /**
   * For other forms of the value; they end with the entry. Undefined where the value is a copy for
   * this reader, who could change it: it holds bytes.
   */
  readonly beside?: Beside | undefined;
  /** For `recall`; undefined where it was not found in memory, or is a copy. */
  readonly place?: Place | undefined;
}

/** Where in memory something was read: of that very entry, of which it keeps nothing alive. */
export interface Place {
  readonly key: string;
}

export interface Cache<Resources> {
  read<Args, Value>(
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): Promise<CacheRead<Value>>;
  /**
   * What `read` would answer from memory, at once; undefined where it would have to wait, or to copy.
   * Counts nothing: who answers with it says so by `countHits`.
   */
  peek<Args, Value>(
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): CacheRead<Value> | undefined;
  /**
   * What `peek` gave of these places, if it would give the very same of each of them now, without its
   * arguments: undefined if not, whatever the reason. Counts nothing either.
   */
  recall(places: readonly Place[]): CacheRead<unknown>[] | undefined;
  countHits(reads: readonly CacheRead<unknown>[]): void;
  /** The value alone. */
  get<Args, Value>(
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): Promise<Value | undefined>;
  /** The same from the source, touching no cache: what `read` must be equal to. */
  fromSource<Args, Value>(
    definition: CacheDefinition<Args, Value, Resources>,
    args: Args,
  ): Promise<Value | undefined>;
  /** To be called right after a commit's reply; returns when the promise holds for this write. */
  written(write: Written): Promise<void>;
  /** Every table that is known to lack its triggers: what reads it is not kept from now on. */
  distrustTables(tables: readonly string[]): void;
  /** At run time, for one cache or (undefined) all. */
  setEnabled(name: string | undefined, enabled: boolean): void;
  report(): CacheStatus;
  resetStats(): void;
  /** Begins renewing the lease and returns after the first success; caches are used from then on. */
  start(): Promise<void>;
  /** Leaves: reads go to the source, and nobody waits for this process any more. */
  close(): Promise<void>;
}

export interface CacheReport extends CacheCounts {
  readonly name: string;
  readonly enabled: boolean;
  readonly ttlMs: number;
}

export interface CacheStatus {
  readonly enabled: boolean;
  /** Since when the counters count; epoch milliseconds. */
  readonly since: number;
  readonly caches: readonly CacheReport[];
  /** TTLs that are shorter than what was seen asks for. */
  readonly advice: readonly TtlAdvice[];
  readonly store: { readonly entries: number; readonly bytes: number; readonly bytesMax: number };
  /** Of the store that all share but those in `byCache`; undefined if there is none. */
  readonly shared: SharedStoreCounts | undefined;
  /**
   * Of the store that a cache of `byCache` has instead, by the cache's name. Caches that name the
   * same store have the same counts; those that are shared with nobody are not here.
   */
  readonly sharedByCache: Readonly<Record<string, SharedStoreCounts>>;
  readonly journal: JournalStatus | undefined;
  readonly coherence: MemberStatus & { readonly mode: MemberOptions['mode'] };
}

/** Every entry also carries these, its cache's and its owner's, so that caches can be flushed like any other fact. */
export const ALL_CACHES = 'cache:*';

export function cacheTag(name: string): string {
  return `cache:${name}`;
}

/** Of all entries that count against one owner's quota, in whatever cache. */
export function ownerTag(owner: string): string {
  return `cache:of:${owner}`;
}

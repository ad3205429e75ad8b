/**
 * What an author says of a cache, and the defaults. Durations are milliseconds, sizes bytes.
 */
import { HOUR, MINUTE, SECOND } from '../config/duration.ts';
import { CacheError } from './errors.ts';

/** What a loader gets beside its arguments. */
export interface LoadContext {
  /** Adds tags that were found out during the load: the result then depends on them as well. */
  depend(...tags: readonly string[]): void;
  /** The result is answered, and kept nowhere (a failed build). */
  doNotKeep(): void;
  /** Aborts when the load has taken too long. */
  readonly signal: AbortSignal;
}

export interface CacheDefinition<Args, Value, Resources> {
  /** First part of the key, and the name in statistics. Unique in a process. */
  readonly name: string;
  readonly freshness?: Partial<CacheFreshness>;
  /** Who may be answered from an entry: part of the key, and told by the arguments alone. Default `public`. */
  readonly scope?: (args: Args) => string;
  /** Whose quota an entry counts against (10 MiB for one owner). Default: nobody's. */
  readonly owner?: (args: Args) => string | undefined;
  /** What the result depends on, as far as the arguments tell; a loader may `depend` on more. */
  readonly tags: (args: Args) => readonly string[];
  /** `undefined` is a confirmed absence: kept for `negativeTtlMs`. An error is never kept. */
  readonly load: (args: Args, context: LoadContext & Resources) => Promise<Value | undefined>;
  /** When the value itself ends (a session), whatever the TTL says. */
  readonly validUntil?: (value: Value) => Date | undefined;
}

export interface CacheFreshness {
  /** How long a value is fresh; shortened by up to 10% so that entries don't expire together. */
  readonly ttlMs: number;
  /** The same for a confirmed absence; short, because a typo would fill the cache. */
  readonly negativeTtlMs: number;
  /** After the TTL: answered marked stale for so long while the source fails. 0: never. */
  readonly graceMs: number;
  /** After the TTL: answered at once for so long, and refreshed behind. */
  readonly staleMs: number;
  /**
   * Share of the TTL after which a hit starts a refresh behind, so that what is asked for again and
   * again never expires: above 0, below 1. Default: none.
   */
  readonly earlyRefresh?: number;
  /** With a value in its grace window at hand, how long readers wait for a load. Default: its end. */
  readonly softTimeoutMs?: number;
  /** How long a load may take before its readers get a time-out. */
  readonly loadTimeoutMs: number;
  /**
   * How long to wait for another process that loads the same key, before loading as well. Default:
   * 5 s. Raise it for loads that are dear rather than slow, such as a model's answer.
   */
  readonly claimWaitMs?: number;
  /**
   * How long a shared store that does not answer in time is asked again, before loading without it.
   * Default 0: once, which for an ordinary load is dearer than the load. For dear loads: a pause of a
   * busy machine, here or there, is then no second load. A store that is away says so at once, and is
   * not waited for.
   */
  readonly storePatienceMs?: number;
}

export const DEFAULT_FRESHNESS: CacheFreshness = {
  ttlMs: HOUR,
  negativeTtlMs: 30 * SECOND,
  graceMs: 10 * MINUTE,
  staleMs: 0,
  loadTimeoutMs: 10 * SECOND,
};

/** Larger values are answered, counted, and not kept: they would push out thousands of others. */
export const ENTRY_BYTES_MAX = 5 * 2 ** 20;

/** All values in the process together. */
export const MEMORY_BYTES_MAX = 256 * 2 ** 20;

/**
 * A result that depends on more is answered, counted, and not kept: after each write, the next hit
 * looks every tag up. Enough for a list of 500 things with two tags each.
 */
export const TAGS_PER_ENTRY_MAX = 1_024;

/** @throws CacheError 'definition' for what is no duration; NaN would silently keep nothing */
export function checkFreshness(name: string, freshness: CacheFreshness): CacheFreshness {
  const { earlyRefresh: share, ...durations } = freshness;
  if (share !== undefined && !(share > 0 && share < 1)) {
    throw new CacheError('definition', `${name}: earlyRefresh is ${share}, not between 0 and 1`);
  }
  for (const [option, ms] of Object.entries(durations)) {
    if (Number.isFinite(ms) && ms >= 0) continue;
    throw new CacheError('definition', `${name}: ${option} is ${ms}, not a number of milliseconds`);
  }
  return freshness;
}

/** Fixes the types of a definition; it does nothing else. */
export function defineCacheFor<Resources>() {
  return <Args, Value>(
    definition: CacheDefinition<Args, Value, Resources>,
  ): CacheDefinition<Args, Value, Resources> => definition;
}

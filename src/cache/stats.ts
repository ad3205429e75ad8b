/**
 * Counts what each cache did since the last reset. Hits are counted, never logged. Latencies are
 * kept in HDR histograms (node:perf_hooks) as microseconds and reported as milliseconds.
 */
import type { TtlSeen } from './ttl-advice.ts';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

const COUNTERS = [
  'l1Hits',
  'l2Hits',
  'joined',
  'misses',
  'stale',
  'grace',
  'bypassed',
  'errors',
  'negative',
  'tooLarge',
  'tooManyTags',
  'uncovered',
  'invalidations',
  'expirations',
  'evictions',
] as const;

export type CacheCounter = (typeof COUNTERS)[number];

export interface CacheCounts extends Record<CacheCounter, number> {
  /** Share of reads answered without the source; undefined before the first read. */
  readonly hitRate: number | undefined;
  /** Entries that a write ended, for each read. */
  readonly invalidationRate: number | undefined;
  /** Entries that were met after their end, for each read. */
  readonly expirationRate: number | undefined;
  readonly load: Latency;
  /** In the in-process store, now. */
  readonly entries: number;
  readonly bytes: number;
}

const MICROSECONDS_PER_MS = 1_000;

export class CacheStats {
  #counts = emptyCounts();
  #entries = 0;
  #bytes = 0;
  readonly #load: RecordableHistogram = createHistogram();
  /** How old entries were that their TTL alone had ended, when they were asked for. */
  readonly #expired: RecordableHistogram = createHistogram();

  count(counter: CacheCounter): void {
    this.#counts[counter] += 1;
  }

  /** An entry came to (1) or went from (-1) the in-process store. */
  resize(entries: 1 | -1, bytes: number): void {
    this.#entries += entries;
    this.#bytes += entries * bytes;
  }

  /** An entry in the in-process store became larger. */
  grow(bytes: number): void {
    this.#bytes += bytes;
  }

  recordLoad(ms: number): void {
    // The histogram takes integers from 1.
    this.#load.record(Math.max(1, Math.round(ms * MICROSECONDS_PER_MS)));
  }

  recordExpired(ageMs: number): void {
    this.#expired.record(Math.max(1, Math.round(ageMs)));
  }

  /** What TTLs are advised by. */
  seen(): Pick<TtlSeen, 'reads' | 'expired'> {
    const { count } = this.#expired;
    return {
      reads: this.#reads().reads,
      expired: { count, p95Ms: count === 0 ? 0 : this.#expired.percentile(95) },
    };
  }

  reset(): void {
    this.#counts = emptyCounts();
    this.#expired.reset();
    this.#load.reset();
  }

  snapshot(): CacheCounts {
    const counts = { ...this.#counts };
    const { served, reads } = this.#reads();
    const perRead = (number: number) => (reads === 0 ? undefined : number / reads);
    return {
      ...counts,
      entries: this.#entries,
      bytes: this.#bytes,
      hitRate: perRead(served),
      invalidationRate: perRead(counts.invalidations),
      expirationRate: perRead(counts.expirations),
      load: latencyOf(this.#load),
    };
  }

  #reads(): { served: number; reads: number } {
    const { l1Hits, l2Hits, joined, stale, grace, misses, bypassed } = this.#counts;
    const served = l1Hits + l2Hits + joined + stale + grace;
    return { served, reads: served + misses + bypassed };
  }
}

function latencyOf(histogram: RecordableHistogram): Latency {
  const percentile = (share: number) =>
    histogram.count === 0 ? 0 : histogram.percentile(share) / MICROSECONDS_PER_MS;
  return {
    count: histogram.count,
    p50Ms: percentile(50),
    p95Ms: percentile(95),
    p99Ms: percentile(99),
  };
}

function emptyCounts(): Record<CacheCounter, number> {
  return Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<CacheCounter, number>;
}

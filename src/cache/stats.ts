/**
 * Counts what each cache did since the last reset. Hits are counted, never logged. Latencies are
 * kept in HDR histograms (node:perf_hooks) as microseconds and reported as milliseconds.
 */
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

  reset(): void {
    this.#counts = emptyCounts();
    this.#load.reset();
  }

  snapshot(): CacheCounts {
    const counts = { ...this.#counts };
    const served = counts.l1Hits + counts.l2Hits + counts.joined + counts.stale + counts.grace;
    const reads = served + counts.misses + counts.bypassed;
    return {
      ...counts,
      entries: this.#entries,
      bytes: this.#bytes,
      hitRate: reads === 0 ? undefined : served / reads,
      load: latencyOf(this.#load),
    };
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

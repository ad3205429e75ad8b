/**
 * `bench -- reference`: what the reference load comes to. The aims are the product's: hits above 90%,
 * cached answers below 50 ms and ten times as fast as uncached ones, invalidation below 100 ms.
 */
import { deviation, median, quantile } from '../harness.ts';
import { withServers } from '../servers.ts';
import type { Suite, SuiteResult } from '../suite.ts';
import { playReferenceLoad } from './load.ts';

const PERCENT = 100;

export const referenceSuite: Suite = {
  name: 'reference',
  what: 'people in a studio, on two servers: hits, how long answers and writes take',
  async run({ say }): Promise<SuiteResult> {
    say('people, projects and scenes; then 20 seconds of calls');
    const played = await withServers(playReferenceLoad);
    const { hits, misses, uncached, writes, stale } = played;
    const reads = hits.length + misses.length;
    const times = { hits, misses, 'without cache': uncached, writes };
    const ratio = (own: readonly number[]) => median(uncached) / median(own);
    return {
      rows: [
        {
          name: 'hit rate',
          ratio: hits.length / reads,
          spread: 0,
          floor: 'reads',
          hits: hits.length,
          reads,
        },
        ...Object.entries(times).map(([name, own]) => ({
          name,
          ratio: ratio(own),
          spread: deviation(own) / median(own),
          floor: 'without cache',
          ...percentiles(own),
        })),
        { name: 'stale', ratio: stale, spread: 0, floor: 'none' },
      ],
      table: {
        head: ['', 'calls', 'p50', 'p95', 'p99', 'as fast as without cache'],
        lines: Object.entries(times).map(([name, own]) => {
          const { p50Ms, p95Ms, p99Ms } = percentiles(own);
          const cells = [p50Ms, p95Ms, p99Ms].map((ms) => `${ms.toFixed(2)} ms`);
          return [name, String(own.length), ...cells, `${ratio(own).toFixed(1)}×`];
        }),
      },
      notes: [
        `${((PERCENT * hits.length) / reads).toFixed(1)}% of ${reads} reads were hits; aim: more than 90%`,
        'aims: hits below 50 ms and 10 times as fast as without cache; writes, which are answered when no server has anything old, below 100 ms',
        `${stale} of ${writes.length} reads of the other server right after a write were old`,
        'clients, three servers, PostgreSQL and Redis share this machine: times are of them all',
      ],
    };
  },
};

function percentiles(own: readonly number[]) {
  return { p50Ms: quantile(own, 0.5), p95Ms: quantile(own, 0.95), p99Ms: quantile(own, 0.99) };
}

/**
 * `bench -- growth`: whether a hit costs the same as entries, tags and users grow, what an entry
 * takes in memory, and how long hits take while writes and restarts go on.
 */
import { formatNs, formatRatio, warnings } from '../report.ts';
import { withServers } from '../servers.ts';
import type { Row, Suite, SuiteResult } from '../suite.ts';
import { measureEntries, measureTags, measureUsers, type Group, type Memory } from './hits.ts';
import { measureLatencies, type Latencies } from './latencies.ts';
import { measureRequests } from './requests.ts';

const MS_DIGITS = 2;

export const growthSuite: Suite = {
  name: 'growth',
  what: 'a hit at 10³ to 10⁶ entries, 1 to 32 tags, 1 to 10⁴ users, and while writes go on',
  async run({ say, peersMissing }): Promise<SuiteResult> {
    const { latencies, requests } = await withServers(async (servers) => ({
      requests: await measureRequests(servers, say),
      latencies: await measureLatencies(servers, say),
    }));
    const { groups, memory } = await measureEntries(say, peersMissing === undefined);
    say('tags');
    const tags = await measureTags();
    say('users');
    const users = await measureUsers();
    return resultOf({ groups: [requests, ...groups, tags, users], memory, latencies });
  },
};

interface Figures {
  readonly groups: readonly Group[];
  readonly memory: readonly Memory[];
  readonly latencies: readonly Latencies[];
}

function resultOf({ groups, memory, latencies }: Figures): SuiteResult {
  const rows: Row[] = [];
  const lines: string[][] = [];
  const add = (row: Row, shown: string): void => {
    rows.push(row);
    const ratio = row.ratio === null ? '' : formatRatio(row.ratio);
    lines.push([row.name, shown, ratio, `±${(row.spread * 100).toFixed(0)}%`]);
  };
  for (const { floor, measured } of groups) {
    for (const { name, ratio, spread, nsPerOperation } of measured) {
      add({ name, ratio, spread, floor, nsPerOperation }, formatNs(nsPerOperation));
    }
  }
  for (const { name, hits, p50Ms, p99Ms, ratio, spread } of latencies) {
    const shown = `${p99Ms.toFixed(MS_DIGITS)} ms`;
    add({ name, ratio, spread, floor: latencies[0]!.name, hits, p50Ms, p99Ms }, shown);
  }
  const perEntry = memory.map(
    ({ entries, heapBytesEach, countedBytesEach }) =>
      `${entries.toLocaleString('en')} entries: ${heapBytesEach.toFixed(0)} bytes of heap each, ${countedBytesEach.toFixed(0)} counted against the bound`,
  );
  const medians = latencies.map(
    ({ name, p50Ms }) => `${name.slice(7)} ${p50Ms.toFixed(MS_DIGITS)}`,
  );
  return {
    rows,
    table: { head: ['', 'each', 'of the floor', 'spread'], lines },
    notes: [
      'a group’s floor is its first; CPU time of the process, interleaved; small values with two tags',
      'over HTTP: 400 scenes of 20 people, each server in a process of its own',
      ...perEntry,
      `as clients on this machine see it, 8 at once; medians in ms: ${medians.join(', ')}`,
      ...warnings([...groups.flatMap(({ measured }) => measured), ...latencies]),
    ],
  };
}

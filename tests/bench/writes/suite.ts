/** `bench -- writes`: what a mutation waits for, and what invalidating a tag costs. */
import { formatNs, formatRatio, rowsOf, warnings } from '../report.ts';
import { withServers } from '../servers.ts';
import type { Row, Suite, SuiteResult } from '../suite.ts';
import { ENTRIES_MAX, measureInvalidation, type InvalidationResult } from './invalidation.ts';
import { FLOOR, measureLatency, type LatencyResult } from './latency.ts';

const MEMBERS = [1, 4, 16];

export const writesSuite: Suite = {
  name: 'writes',
  what: 'what the promise costs a mutation, and invalidating a tag of 1, 10³ and 10⁶ entries',
  run: ({ say }) =>
    withServers(async (servers) => {
      const latencies: LatencyResult[] = [];
      for (const members of MEMBERS) {
        say(`mutations with ${members} members`);
        latencies.push(await measureLatency(servers, members));
      }
      const invalidation = await measureInvalidation(servers, say);
      return resultOf(latencies, invalidation);
    }),
};

function resultOf(
  latencies: readonly LatencyResult[],
  { measured, costs }: InvalidationResult,
): SuiteResult {
  const named = latencies.flatMap(({ members, measured: each }) =>
    each.map((one) => ({ ...one, name: `${one.name}, ${membersOf(members)}` })),
  );
  const floor = costs[0]!.name;
  const invalidations = measured.map((one) => ({ ...one, name: `invalidate ${one.name}` }));
  const fewer =
    costs.at(-1)!.entries < ENTRIES_MAX
      ? ['10⁶ entries do not fit into this heap: NODE_OPTIONS=--max-old-space-size=12000']
      : [];
  const rows: Row[] = [
    ...rowsOf(named, FLOOR),
    ...rowsOf(measured, floor).map((row, index) => ({ ...row, ...costs[index]!, name: row.name })),
  ];
  const line = (index: number, all: typeof named): string[] => {
    const { name, nsPerOperation, ratio, spread } = all[index]!;
    const times = `${formatRatio(1 / ratio)}×`;
    return [name, formatNs(nsPerOperation), times, `±${(spread * 100).toFixed(0)}%`];
  };
  const costOf = costs.map(({ commands, statements }) => [`${commands}`, `${statements}`]);
  return {
    rows,
    table: {
      head: ['', 'each', 'of the floor', 'spread', 'Redis commands', 'statements'],
      lines: [
        ...named.map((_, index) => [...line(index, named), '', '']),
        ...measured.map((_, index) => [...line(index, invalidations), ...(costOf[index] ?? [])]),
      ],
    },
    notes: [
      'all members share this process and its cores with PostgreSQL and Redis: real ones would wait less for each other',
      `floor of a mutation: the same update in a transaction, no cache, no triggers; of an invalidation: ${floor}`,
      ...fewer,
      ...warnings([...named, ...measured]),
    ],
  };
}

function membersOf(members: number): string {
  return members === 1 ? '1 member' : `${members} members`;
}

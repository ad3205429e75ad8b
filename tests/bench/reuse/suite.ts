/**
 * Decisions reused on a stream of prompts over the whole server, and what a look-up costs. Figures of
 * savings are counts: they do not depend on the machine.
 */
import { createTestServer, databaseUrl, withAdmin } from '../../fixtures/test-server.ts';
import type { Suite, SuiteContext, SuiteResult } from '../suite.ts';
import { measureLatency } from './latency.ts';
import { runStream } from './stream.ts';

export const reuseSuite: Suite = {
  name: 'reuse',
  what: 'model calls that decisions save on a stream of prompts, and what a look-up costs',
  run,
};

/** Which wishes are common is chance: short streams differ. */
const STREAMS = [
  { prompts: 400, seed: 1 },
  { prompts: 400, seed: 2 },
  { prompts: 400, seed: 3 },
  { prompts: 4_000, seed: 1 },
];
const WRONG_MAX = 0.01;

async function run({ say }: SuiteContext): Promise<SuiteResult> {
  await using server = createServer();
  // First: what the streams leave behind is not what a server takes.
  say('look-ups at 10,000 entries');
  const latency = await measureLatency(await server.createDatabase());
  const streams = [];
  for (const { prompts, seed } of STREAMS) {
    const name = `${prompts} prompts, seed ${seed}`;
    say(`${name}, on 20 projects`);
    const database = await server.createDatabase();
    const figures = await runStream({
      databaseUrl: database,
      prompts,
      wrongMax: WRONG_MAX,
      seed,
      say,
    });
    streams.push({ name, ...figures });
  }
  const share = (part: number, of: number) => `${((100 * part) / of).toFixed(1)}%`;
  const ms = ({ p50, p95 }: { p50: number; p95: number }) =>
    `${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`;
  return {
    rows: [
      ...streams.map(({ prompts, calls, ...figures }) => ({
        ratio: 1 - calls / prompts,
        spread: 0,
        floor: 'calls saved of prompts',
        prompts,
        calls,
        ...figures,
      })),
      { name: 'look-ups', ratio: null, spread: 0, floor: 'none', ...latency },
    ],
    notes: [
      `at most ${WRONG_MAX * 100}% of prompts may be answered wrongly by likeness`,
      'wrong: the reused intent is not equivalent to what the provider decides on the same prompt',
      'exact look-up: in memory; similar: embedding, following the log, neighbours, judging',
    ],
    table: {
      head: ['', 'saved', 'of the last 1,000', 'exact', 'similar', 'wrong', 'repeats', 'applied'],
      lines: [
        ...streams.map((of) => [
          `${of.name}, ${of.calls} calls`,
          share(of.prompts - of.calls, of.prompts),
          share(of.savedLate, 1),
          share(of.exact, of.prompts),
          `${share(of.similar, of.prompts)}${of.shadow ? ' (shadow)' : ''}`,
          share(of.wrong, of.prompts),
          share(of.repeats, of.prompts),
          String(of.applied),
        ]),
        [`exact look-up`, ms(latency.exactMs), '', '', '', '', '', ''],
        [
          `similar look-up at ${latency.entries} entries`,
          ms(latency.similarMs),
          '',
          '',
          '',
          '',
          '',
          '',
        ],
        [`a new process reads the log`, `${latency.startMs.toFixed(0)} ms`, '', '', '', '', '', ''],
        [`RSS`, `${latency.rssMb.toFixed(0)} MB`, '', '', '', '', '', ''],
      ],
    },
  };
}

function createServer() {
  const server = createTestServer({});
  let made = 0;
  return {
    async createDatabase(): Promise<string> {
      const { adminUrl, template, runId } = await server.info();
      made += 1;
      const name = `greenroom_bench_${runId}_${made}`;
      await withAdmin(adminUrl, (admin) =>
        admin.unsafe(`create database ${name} template ${template}`),
      );
      return databaseUrl(adminUrl, name);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/**
 * What the cache is worth for persona, personality, preferences and conversations: how much faster
 * a persona is read, how many queries and analyses are spared, and what a thousand readers at once
 * wait. The studio without HTTP, on a PostgreSQL server of its own; starting it takes seconds.
 */
import { Redis } from 'ioredis';
import { createRedisStore } from '../../../src/cache/index.ts';
import { READ_CONNECTIONS_MAX } from '../../../src/db/client.ts';
import { startRedis } from '../../fixtures/redis.ts';
import { findRedisProgram } from '../../processes/own-redis.ts';
import { comparePersonaReads, countAnalyses, countQueries, type Comparison } from './measures.ts';
import { readInParallel } from './readers.ts';
import type { Suite, SuiteContext, SuiteResult } from '../suite.ts';
import { startServer, type Server } from './world.ts';

/** As many bytes as a persona takes in Redis. */
const FLOOR_BYTES = 600;
const FLOOR_KEY = 'floor';

export const personalitySuite: Suite = {
  name: 'personality',
  what: 'what the cache spares of persona, personality, preferences and conversations',
  run,
};

async function run({ say }: SuiteContext): Promise<SuiteResult> {
  await using server = await startServer();
  say('persona by name, from memory, from Redis and from the database');
  const personas = [
    { from: 'memory', ...(await comparePersonaReads(server, { atOnce: 1 })) },
    ...(await fromRedis(server)),
  ];
  say('queries with and without the cache');
  const queries = await countQueries(server);
  say('a month of sessions');
  const month = await countAnalyses(server);
  say('a thousand readers at once');
  const readers = Object.values(await readInParallel(server));
  const shed = readers.reduce((sum, each) => sum + each.shed, 0);

  const fewer = queries.without / queries.withCache;
  const avoided = 1 - month.runs / month.sessions;
  const share = (part: number) => `${(100 * part).toFixed(1)}%`;
  const counted = { spread: 0 };
  return {
    rows: [
      ...personas.map(({ from, ...figures }) => ({
        name: `persona.byName from ${from}`,
        floor: 'the same from the database',
        ...figures,
      })),
      { name: 'queries spared', ratio: fewer, floor: 'without cache', ...counted, ...queries },
      { name: 'analyses avoided', ratio: avoided, floor: 'sessions', ...counted, ...month },
      ...readers.map(({ name, ...figures }) => ({
        name: `1,000 readers, ${name}`,
        ratio: null,
        floor: 'none',
        ...counted,
        ...figures,
      })),
    ],
    notes: [
      `the load has ${share(queries.hitRate)} hits; only statements of reads are counted`,
      ...(personas.length > 1 ? [] : ['redis-server is not installed: nothing was read from it']),
      `readers share ${READ_CONNECTIONS_MAX} connections, one for each load at the source, as deployed`,
      ...personas.flatMap(({ from, floorRatio }) =>
        floorRatio === null
          ? []
          : [`from ${from}: an ioredis GET of as many bytes is ${floorRatio.toFixed(1)}× faster`],
      ),
      ...(shed > 0 ? [`${shed} readers were shed: this machine had too much else to do`] : []),
    ],
    table: {
      head: ['', 'figure', 'of'],
      lines: [
        ...personas.map(({ from, ratio, spread, cachedUs, databaseUs, hits }) => [
          `persona.byName from ${from}`,
          `${ratio.toFixed(1)}× faster ±${(100 * spread).toFixed(0)}%`,
          `${cachedUs.toFixed(1)} µs ÷ ${databaseUs.toFixed(0)} µs, ${share(hits)} hits there`,
        ]),
        [
          `queries at ${share(queries.hitRate)} hits`,
          `${fewer.toFixed(1)}× fewer`,
          `${queries.withCache} instead of ${queries.without}`,
        ],
        [
          'analyses avoided in a month',
          share(avoided),
          `${month.runs} runs in ${month.sessions} sessions`,
        ],
        ...readers.map(
          ({ name, p50Ms, p95Ms, answered, shed: sent, failed, statements, loads }) => [
            `1,000 readers, ${name}`,
            `p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms`,
            `${answered} answered, ${sent} shed, ${failed} failed, ${statements} statements, ${loads} loads at once`,
          ],
        ),
      ],
    },
  };
}

/** A server of the benchmark's own; none where the program is missing. */
async function fromRedis(server: Server): Promise<(Comparison & { from: string })[]> {
  const program = await findRedisProgram();
  if (program === undefined) return [];
  await using redis = await startRedis(program);
  await using parts = new AsyncDisposableStack();
  const store = createRedisStore({ url: redis.url });
  parts.defer(() => store.close());
  const client = new Redis(redis.url);
  parts.defer(() => client.disconnect());
  await client.set(FLOOR_KEY, 'x'.repeat(FLOOR_BYTES));
  const floor = () => client.getBuffer(FLOOR_KEY);
  const compare = (atOnce: 1 | 50) => comparePersonaReads(server, { redis: store, atOnce, floor });
  return [
    { from: 'Redis', ...(await compare(1)) },
    { from: 'Redis, 50 at once', ...(await compare(50)) },
  ];
}

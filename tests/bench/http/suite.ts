/**
 * `bench -- http`: what a cached answer costs the server's process, for one scene of 4 KB, a list of
 * 20 (80 KB), a batch of 5, a 304, and many users and keys; beside node:http writing the same headers
 * and body, node:http writing the body alone, and tRPC's standalone adapter over constant objects.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measured } from '../harness.ts';
import { formatNs, formatRatio, warnings } from '../report.ts';
import { withServers, type Servers } from '../servers.ts';
import type { Row, Suite, SuiteContext, SuiteResult } from '../suite.ts';
import type { LoadTarget } from './load.ts';
import { environment, serve, type ConstantAnswer, type Served } from './served.ts';
import {
  addPerson,
  answerOf,
  batchUrl,
  listUrl,
  sceneUrl,
  serveFloors,
  target,
  type Person,
} from './stage.ts';
import { everyOf, everyScene, measureAll, variant, type Asked } from './variants.ts';

const SAME = 'node:http, same headers and body';
const BARE = 'node:http, body alone';
const OURS = 'Greenroom';
const OFFICIAL = 'tRPC standalone, constant object';
const ADAPTED = 'tRPC standalone, same procedures and cache';
const PEOPLE = 20;
const BATCH = 5;
/** The smallest that the settings allow. */
const MEMORY_MIN = '1mb';

interface Case {
  readonly name: string;
  readonly urls: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly official?: boolean;
}

export const httpSuite: Suite = {
  name: 'http',
  what: 'a cached answer over HTTP, beside node:http writing the same bytes and tRPC’s own adapter',
  run: (context) => withServers((servers) => run(servers, context)),
};

async function run(servers: Servers, { say }: SuiteContext): Promise<SuiteResult> {
  await using parts = new AsyncDisposableStack();
  const world = parts.use(await servers.createWorld());
  const dataDir = await mkdtemp(join(tmpdir(), 'greenroom-bench-http-'));
  parts.defer(() => rm(dataDir, { recursive: true, force: true }));
  const env = environment({ dataDir, databaseUrl: world.databaseUrl });
  const ours = parts.use(await serve({ kind: 'ours', env }));
  say('people, projects and scenes');
  const people: Person[] = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    people.push(await addPerson(ours.port, `person${index}`));
  }
  const [first] = people as [Person, ...Person[]];
  const scene = sceneUrl(first);
  const list = listUrl(first);
  const dataOf = async (url: string): Promise<string> => {
    const { body } = await answerOf(ours.port, url, first.headers);
    return JSON.stringify((JSON.parse(body) as { result: { data: unknown } }).result.data);
  };
  const official = parts.use(
    await serve({ kind: 'official', scene: await dataOf(scene), list: await dataOf(list) }),
  );
  const adapted = parts.use(await serve({ kind: 'adapted', env }));
  const { headers } = await answerOf(ours.port, scene, first.headers);
  const etag = headers.find(([name]) => name.toLowerCase() === 'etag')?.[1] ?? '';
  const cases: Case[] = [
    { name: 'scene, 4 KB', urls: [scene], official: true },
    { name: 'list of 20, 80 KB', urls: [list], official: true },
    { name: `batch of ${BATCH} scenes`, urls: [batchUrl(first, BATCH)], official: true },
    { name: 'scene, 304', urls: [scene], headers: { 'if-none-match': etag }, status: 304 },
  ];
  const lines: string[][] = [];
  const rows: Row[] = [];
  const all: Measured[] = [];
  const addLines = (measured: readonly Measured[]): void => {
    all.push(...measured);
    for (const { name, ratio, spread, nsPerOperation } of measured) {
      rows.push({ name, ratio, spread, floor: SAME, nsPerOperation });
      const cells = [name, formatNs(nsPerOperation), formatRatio(ratio)];
      lines.push([...cells, `±${(spread * 100).toFixed(0)}%`]);
    }
  };
  for (const one of cases) {
    say(one.name);
    const measured = await measureCase(one, { ours, official, adapted, person: first });
    addLines(measured.map((each) => ({ ...each, name: `${one.name}: ${each.name}` })));
  }
  const every = everyScene(people);
  const many = `${every.length} scenes of ${people.length} people`;
  say(many);
  addLines(await measureEvery(many, ours, every));
  say('from Redis');
  const redis = await measureFromRedis(servers, env);
  addLines(redis.measured);
  return {
    rows,
    table: { head: ['', "CPU of the server's process", 'of the floor', 'spread'], lines },
    notes: [
      'each server in a process of its own, asked over 16 kept-alive connections by turns; identity encoding',
      `${OURS}: all that npm start switches on is on, log level warn`,
      `from Redis: ${(redis.share * 100).toFixed(0)}% of the answers were not in a memory of ${MEMORY_MIN}`,
      ...cases.flatMap(({ name, official: compared }) =>
        compared ? [timesFaster(name, rows)] : [],
      ),
      ...warnings(all),
    ],
  };
}

/** Both are ratios to one floor in one run. */
function timesFaster(name: string, rows: readonly Row[]): string {
  const ratioOf = (of: string): number =>
    rows.find((row) => row.name === `${name}: ${of}`)?.ratio ?? Number.NaN;
  const times = (other: string): string => (ratioOf(OURS) / ratioOf(other)).toFixed(1);
  return `${name}: ${times(OFFICIAL)} times as fast as “${OFFICIAL}”, ${times(ADAPTED)} times as “${ADAPTED}”`;
}

interface Stage {
  readonly ours: Served;
  readonly official: Served;
  readonly adapted: Served;
  readonly person: Person;
}

/** The floors write the whole answer, also where this project's server need not. */
async function measureCase(one: Case, stage: Stage): Promise<Measured[]> {
  const { ours, official, adapted, person } = stage;
  const { urls, headers = {}, status = 200 } = one;
  const answers = await Promise.all(
    urls.map(async (url) => [url, await answerOf(ours.port, url, person.headers)] as const),
  );
  await using floors = await serveFloors(Object.fromEntries(answers));
  const whole = (served: Served): LoadTarget =>
    target(served.port, urls, { headers: person.headers });
  const asked = target(ours.port, urls, { headers: { ...headers, ...person.headers }, status });
  const variants = [
    variant(SAME, floors.same, whole(floors.same)),
    variant(BARE, floors.bare, whole(floors.bare)),
    variant(OURS, ours, asked),
    ...(one.official
      ? [variant(OFFICIAL, official, whole(official)), variant(ADAPTED, adapted, whole(adapted))]
      : []),
  ];
  // Awaited here: the floors end with this block.
  return await measureAll(variants);
}

async function measureEvery(
  name: string,
  served: Served,
  asked: readonly Asked[],
): Promise<Measured[]> {
  const answers: Record<string, ConstantAnswer> = {};
  for (const { url, headers } of asked) answers[url] = await answerOf(served.port, url, headers);
  await using floors = await serveFloors(answers);
  // Awaited here: the floors end with this block.
  return await measureAll([
    variant(`${name}: ${SAME}`, floors.same, everyOf(floors.same, asked)),
    variant(`${name}: ${OURS}`, served, everyOf(served, asked)),
  ]);
}

/** With so little memory that nearly every scene comes from Redis, session and membership not. */
async function measureFromRedis(
  servers: Servers,
  env: Readonly<Record<string, string>>,
): Promise<{ measured: Measured[]; share: number }> {
  await using parts = new AsyncDisposableStack();
  const world = parts.use(await servers.createWorld());
  const served = await serve({
    kind: 'ours',
    env: {
      ...env,
      DATABASE_URL: world.databaseUrl,
      REDIS_URL: `redis://${world.server.host}:${world.server.port}`,
      CACHE_MAX_MEMORY: MEMORY_MIN,
    },
  });
  parts.use(served);
  const people: Person[] = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    people.push(await addPerson(served.port, `reader${index}`));
  }
  const asked = everyScene(people);
  const measured = await measureEvery('from Redis', served, asked);
  let fromRedis = 0;
  for (const { url, headers } of asked) {
    const answer = await answerOf(served.port, url, headers);
    if (answer.headers.some(([, value]) => value.includes('detail=l2'))) fromRedis += 1;
  }
  return { measured, share: fromRedis / asked.length };
}

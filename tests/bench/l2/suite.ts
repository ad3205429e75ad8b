/**
 * `bench -- l2`: a hit in Redis with nothing in the process's memory, 50 at once, beside ioredis' GET
 * with JSON.parse and the peers that have no memory of their own either.
 */
import { Redis } from 'ioredis';
import { until } from '../../contract/when-ready.ts';
import { defineCacheFor } from '../../../src/cache/index.ts';
import { measure, type Variant } from '../harness.ts';
import { makeIds, makeScene, type Scene } from '../inprocess/value.ts';
import { createLoading } from '../races/loading.ts';
import { openOurs } from '../races/ours.ts';
import { asyncCacheDedupePeer } from '../races/peers/async-cache-dedupe.ts';
import { cachifiedPeer } from '../races/peers/cachified.ts';
import { rowsOf, tableOf, warnings } from '../report.ts';
import { withServers, type Servers } from '../servers.ts';
import { shareByRedis } from '../../topology/sharing.ts';
import type { Suite, SuiteContext, SuiteResult } from '../suite.ts';

const AT_ONCE = 50;
const TTL_MS = 10 * 60_000;
const FLOOR = 'ioredis GET + JSON.parse (floor)';

type Read = (id: string) => Promise<unknown>;

interface Reader {
  readonly name: string;
  readonly read: Read;
}

const sceneCache = defineCacheFor<object>()({
  name: 'bench.scene',
  freshness: { ttlMs: TTL_MS },
  tags: ({ id }: { id: string }) => [`project:${id}`, 'project:of-all'],
  load: async ({ id }): Promise<Scene> => makeScene(id),
});

export const l2Suite: Suite = {
  name: 'l2',
  what: 'a hit in Redis, 50 at once, beside ioredis GET with JSON.parse',
  run: (context) => withServers((servers) => run(servers, context)),
};

async function run(servers: Servers, { peersMissing }: SuiteContext): Promise<SuiteResult> {
  await using parts = new AsyncDisposableStack();
  const created = parts.use(await servers.createWorld());
  const { host, port } = created.server;
  const share = shareByRedis(`redis://${host}:${port}`);
  const world = { ...created, share, redis: created.server, bus: created.server };
  const loading = createLoading();
  const ours = await openOurs({ world, loading, clockBehindMs: 0, memoryBytesMax: 0 });
  parts.defer(() => ours.close());
  const redis = new Redis({ ...world.redis });
  parts.defer(() => redis.disconnect());

  const ids = makeIds();
  for (const id of ids) await redis.set(id, JSON.stringify(makeScene(id)));
  const readers: Reader[] = [
    { name: FLOOR, read: async (id) => JSON.parse((await redis.get(id))!) as unknown },
    { name: 'ioredis GET, not parsed', read: (id) => redis.getBuffer(id) },
    { name: 'Greenroom', read: (id) => ours.cache.get(sceneCache, { id }) },
    // As the wire path reads it: the value is only decoded where somebody asks for it.
    { name: 'Greenroom, not decoded', read: (id) => ours.cache.read(sceneCache, { id }) },
  ];
  for (const peer of peersMissing === undefined ? [asyncCacheDedupePeer, cachifiedPeer] : []) {
    const { databaseUrl, redis: address, bus } = world;
    const cache = await peer.open({ redis: address, bus, ttlMs: TTL_MS, databaseUrl, loading });
    parts.defer(() => cache.close());
    await until(async () => {
      await cache.ready();
      return true;
    });
    readers.push({
      name: peer.name,
      read: (id) => cache.get(`${peer.name}:${id}`, async () => makeScene(id)),
    });
  }
  // Filled first, and hit once: what is measured is hits.
  for (const { read } of readers) for (const id of [...ids, ...ids]) await read(id);
  ours.cache.resetStats();
  const variants: Variant[] = readers.map(({ name, read }) => ({ name, run: atOnce(ids, read) }));
  const measured = await measure(variants);
  const report = ours.cache.report().caches.find(({ name }) => name === 'bench.scene');
  const hits = report === undefined ? 0 : report.l2Hits / (report.l2Hits + report.misses);
  return {
    rows: rowsOf(measured, FLOOR),
    table: tableOf(measured, 'CPU per hit'),
    notes: [
      `1,000 keys of 4 KB, ${AT_ONCE} at once; CPU time of the reading process, interleaved`,
      `${(hits * 100).toFixed(1)}% of Greenroom's reads were hits in Redis; each checks two tags and an HMAC, and, where it is decoded, freezes`,
      'a scene of the floor and of the peers has texts for Dates',
      ...warnings(measured),
      ...(peersMissing === undefined ? [] : [peersMissing]),
    ],
  };
}

function atOnce(ids: readonly string[], read: Read) {
  let next = 0;
  return async (times: number): Promise<void> => {
    for (let done = 0; done < times; done += AT_ONCE) {
      const count = Math.min(AT_ONCE, times - done);
      await Promise.all(Array.from({ length: count }, () => read(ids[(next += 7) % ids.length]!)));
    }
  };
}

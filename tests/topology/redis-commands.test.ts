/**
 * Which commands Redis gets: as MONITOR shows them, one for a hit, one round for a batch, and the same
 * few for an invalidation whatever it invalidates; as the server counts them from its start, none that
 * walk over keys or run scripts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createRedisStore } from '../../src/cache/index.ts';
import { startLinkedCluster, startRedis, type TestRedis } from '../fixtures/redis.ts';
import { leastMs } from '../fixtures/least-ms.ts';
import { describeWith } from '../fixtures/requires.ts';
import { storeWhenReady, until } from '../contract/when-ready.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { projectKey } from './member.ts';
import { PATIENT, STORE_PATIENCE_MS } from './patience.ts';
import { shareByRedis } from './sharing.ts';

/** Of connections that begin, and of the test itself. */
const UPKEEP = ['info', 'client', 'subscribe', 'monitor', 'hello', 'dbsize'];
const ALLOWED = ['mget', 'get', 'set', 'pexpire', 'del', 'publish', ...UPKEEP];
const ENTRIES_AT_ONCE = 250;
const QUIET_MS = 50;
const FILL_MS_MAX = 600_000;
/** There and back. */
const ROUND_MS = 1_000;

describeWith(['redis-server'], 'the commands that Redis gets', (paths) => {
  let redis: TestRedis;
  let fleet: Fleet;

  beforeAll(async () => {
    redis = await startRedis(paths['redis-server']);
    fleet = await createFleet({
      members: 2,
      share: shareByRedis(redis.url, { commandTimeoutMs: STORE_PATIENCE_MS }),
      // Every entry is to get to Redis.
      ...PATIENT,
    });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });
  beforeEach(() => fleet.settled());

  /** Commands while `work` runs and until all of them are seen; probes of the journal aside. */
  async function commandsOf(
    work: (commands: readonly string[][]) => Promise<unknown>,
  ): Promise<string[][]> {
    await using monitor = await redis.monitor();
    const { commands } = monitor;
    await work(commands);
    const marker = `marker ${crypto.randomUUID()}`;
    await redis.command('PUBLISH', marker, '');
    await until(() => commands.findLast((words) => words[1] === marker) !== undefined);
    return commands
      .filter(([name]) => !UPKEEP.includes(name!.toLowerCase()))
      .filter((words) => words[1] !== marker && !words[2]?.startsWith('[["p"'));
  }
  const namesOf = (commands: readonly string[][]): string[] =>
    commands.map(([name]) => name!.toLowerCase()).toSorted();

  /** Of one project's entry: what settling began for others may end late. */
  const about = (project: string, commands: readonly string[][]): string[] =>
    namesOf(commands.filter(([, key]) => key?.endsWith(projectKey(project))));

  /** Commands of a load by the first member, until its claim has ended in Redis too. */
  async function loadOf(project: string): Promise<string[]> {
    const commands = await commandsOf(async (seen) => {
      await fleet.members[0]!.name(project);
      await until(() => about(project, seen).includes('del'));
    });
    return about(project, commands);
  }

  it('are one GET for a hit in the shared store', async () => {
    const project = await fleet.addProject('hit');
    await loadOf(project);
    const read = async () =>
      about(project, await commandsOf(() => fleet.members[1]!.name(project)));
    expect(await read()).toEqual(['get']);
    expect(await read()).toEqual([]);
  });

  it('are a claim, a second look, an entry and the end of the claim for a miss', async () => {
    const project = await fleet.addProject('miss');
    expect(await loadOf(project)).toEqual(['del', 'get', 'get', 'get', 'set', 'set']);
  });

  it('are one MGET for a batch', async () => {
    const store = await storeWhenReady(createRedisStore({ url: redis.url }));
    const keys = Array.from({ length: 100 }, (_, index) => `batch ${index}`);
    const commands = await commandsOf(() => store.getMany(keys));
    // What settling began for the fleet may end late.
    const own = commands.filter(([, key]) => key?.startsWith('greenroom:'));
    expect(own).toEqual([['mget', ...keys.map((key) => `greenroom:${key}`)]]);
    await store.close();
  });

  it(
    'are as many for an invalidation of one entry as of a hundred thousand',
    { timeout: FILL_MS_MAX },
    async () => {
      const project = await fleet.addProject('tagged');
      const [writer, holder] = fleet.members;
      for (const entries of [1, 1_000, 100_000]) {
        for (let from = 0; from < entries; from += ENTRIES_AT_ONCE) {
          const count = Math.min(ENTRIES_AT_ONCE, entries - from);
          const parts = Array.from({ length: count }, (_, index) => from + index);
          await Promise.all(parts.map((part) => holder!.part(project, part)));
        }
        // They are stored, and their claims end, behind the answers.
        await until(async () => (await commandsOf(() => pause(QUIET_MS))).length === 0);
        const last = () => holder!.part(project, entries - 1);
        expect((await last()).outcome).toBe('hit');
        expect(Number(await redis.command('DBSIZE'))).toBeGreaterThan(entries);

        const commands = await commandsOf(() => writer!.rename(project, String(entries)));
        expect(namesOf(commands)).toEqual(['publish', 'publish']);
        expect((await last()).outcome).toBe('miss');
      }
    },
  );

  it('are none that walk over keys or run scripts, ever', async () => {
    const stats = String(await redis.command('INFO', 'commandstats'));
    const counts = Array.from(stats.matchAll(/^cmdstat_(\w+).*?:calls=(\d+)/gm));
    const calls = counts.reduce((sum, [, , count]) => sum + Number(count), 0);
    expect(calls).toBeGreaterThan(400_000);
    expect(counts.map(([, name]) => name).filter((name) => !ALLOWED.includes(name!))).toEqual([]);
  });
});

describeWith(['redis-server'], 'a batch to a Redis Cluster of three masters', (paths) => {
  it('waits once, for all nodes beside one another', async () => {
    await using cluster = await startLinkedCluster(paths['redis-server']);
    const store = await storeWhenReady(
      createRedisStore({ url: cluster.url, commandTimeoutMs: STORE_PATIENCE_MS }),
    );
    const keys = Array.from({ length: 300 }, (_, index) => `batch ${index}`);
    await Promise.all(keys.map((key) => store.set(key, Buffer.from(key), 60_000)));
    for (const node of cluster.nodes) expect(await node.command('DBSIZE')).toBeGreaterThan(0);
    for (const link of cluster.links) link.delay(ROUND_MS / 2);
    const ms = await leastMs(2 * ROUND_MS, async () => {
      const startedMs = performance.now();
      const found = await store.getMany(keys);
      expect(found.map((bytes) => bytes?.toString())).toEqual(keys);
      return performance.now() - startedMs;
    });
    expect(ms).toBeGreaterThan(0.9 * ROUND_MS);
    expect(ms).toBeLessThan(2 * ROUND_MS);
    await store.close();
  });
});

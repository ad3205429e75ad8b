/**
 * A Redis Cluster that loses a master: what was on it is a miss in bounded time, reads and writes go
 * on and are right, and the node is used again by itself once it is back.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRedisCluster, type TestRedisCluster } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';
import { until } from '../contract/when-ready.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { shareByRedis } from './sharing.ts';

/** Short, so that the writes that must wait for it do not make the test long. */
const LEASE_MS = 800;
/**
 * One look into the store and one claim are half a second; the rest is for a busy machine. Whoever
 * waited for the node would wait until it is back.
 */
const READ_MS_MAX = 5_000;

describeWith(['redis-server'], 'A master of a Redis Cluster', (paths) => {
  let cluster: TestRedisCluster;
  let fleet: Fleet;

  beforeAll(async () => {
    cluster = await startRedisCluster(paths['redis-server']);
    fleet = await createFleet({
      members: 2,
      share: shareByRedis(cluster.url),
      leaseMs: LEASE_MS,
      breaker: { retryMs: 100, retryMsMax: 400 },
    });
    await fleet.settled();
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });

  async function timed<T>(work: Promise<T>): Promise<{ ms: number; result: T }> {
    const startedMs = performance.now();
    const result = await work;
    return { ms: performance.now() - startedMs, result };
  }

  it('dies and comes back', async () => {
    const [first, second] = fleet.members;
    const masters = async () => Promise.all(cluster.nodes.map((node) => node.command('DBSIZE')));
    const projects: string[] = [];
    // Which master a project falls to is chance: so many that each has some.
    const addProject = async () => {
      projects.push(await fleet.addProject('0'));
      await first!.name(projects.at(-1)!);
    };
    await until(async () => {
      await addProject();
      return (await masters()).every((keys) => Number(keys) > 0);
    });

    const [, doomed] = cluster.nodes;
    await doomed!.stop();
    for (const project of projects) {
      const name = `${performance.now()}`;
      const written = await timed(first!.rename(project, name));
      expect(written.ms).toBeLessThan(LEASE_MS + READ_MS_MAX);
      for (const member of [first, second]) {
        const read = await timed(member!.name(project));
        expect(read.result).toBe(name);
        expect(read.ms).toBeLessThan(READ_MS_MAX);
      }
    }
    const together = await timed(
      Promise.all(Array.from({ length: 50 }, () => second!.name(crypto.randomUUID()))),
    );
    expect(together.ms).toBeLessThan(2 * READ_MS_MAX);

    await doomed!.start();
    // Writes are answered again by all.
    await fleet.settled();
    await until(async () => {
      await Promise.all(projects.map((project) => first!.rename(project, 'back')));
      await Promise.all(projects.map((project) => first!.name(project)));
      await addProject();
      return Number(await doomed!.command('DBSIZE')) > 0;
    });
  });
});

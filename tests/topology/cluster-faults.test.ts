/**
 * A Redis Cluster that loses a master: what was on it is a miss in bounded time, reads and writes go
 * on and are right, and the node is used again by itself once it is back.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLinkedCluster, startRedisCluster, type TestRedisCluster } from '../fixtures/redis.ts';
import { SECOND } from '../../src/config/duration.ts';
import { describeWith } from '../fixtures/requires.ts';
import { until } from '../contract/when-ready.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { howOf } from './member.ts';
import { shareByRedis } from './sharing.ts';

/** Short, so that the writes that must wait for it do not make the test long. */
const LEASE_MS = 800;
/**
 * One look into the store and one claim are half a second; the rest is for a busy machine. Whoever
 * waited for the node would wait until it is back.
 */
const READ_MS_MAX = 5_000;
/** Two members with two clients each, which try the three nodes twice a second, and some. */
const ARRIVALS_PER_SECOND_MAX = 100;

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

  it('fails over to a replica, which has what there was before the last write', async () => {
    const [first, second] = fleet.members;
    const [, , doomed] = cluster.nodes;
    const projects: string[] = [];
    for (let count = 0; count < 30; count += 1) {
      projects.push(await fleet.addProject('old'));
      await first!.name(projects.at(-1)!);
    }
    await until(async () => Number(await doomed!.command('DBSIZE')) > 0);
    const replica = await cluster.addReplica(doomed!);
    await doomed!.stop();
    for (const project of projects) await first!.rename(project, 'new');
    await until(async () => {
      // Refused when the others have elected it meanwhile; on a busy machine that takes them long.
      await replica.command('CLUSTER', 'FAILOVER', 'TAKEOVER').catch(() => undefined);
      return String(await replica.command('INFO', 'replication')).includes('role:master');
    });
    for (const project of projects) {
      const read = await timed(second!.name(project));
      expect(read.result).toBe('new');
      expect(read.ms).toBeLessThan(READ_MS_MAX);
    }
    await fleet.settled();
    await replica.command('FLUSHALL');
    await until(async () => {
      await first!.name(await fleet.addProject('stored'));
      return Number(await replica.command('DBSIZE')) > 0;
    });
  });
});

describeWith(['redis-server'], 'A Redis Cluster', (paths) => {
  it('goes away as a whole and comes back, and is not besieged meanwhile', async () => {
    await using cluster = await startLinkedCluster(paths['redis-server']);
    await using fleet = await createFleet({
      members: 2,
      share: shareByRedis(cluster.url),
      leaseMs: LEASE_MS,
      breaker: { retryMs: 100, retryMsMax: 400 },
    });
    await fleet.settled();
    const [first, second] = fleet.members;
    const project = await fleet.addProject('0');
    for (const link of cluster.links) link.cut();
    const written = await timed(first!.rename(project, 'away'));
    expect(written.ms).toBeLessThan(LEASE_MS + READ_MS_MAX);
    expect(await second!.name(project)).toBe('away');

    const arrivals = (): number => cluster.links.reduce((sum, link) => sum + link.arrivals, 0);
    // Each client finds out first which of its nodes are gone.
    await until(async () => {
      const before = arrivals();
      await pause(SECOND);
      return arrivals() - before < ARRIVALS_PER_SECOND_MAX;
    });

    for (const link of cluster.links) link.mend('reset');
    await fleet.settled();
    await first!.rename(project, 'back');
    expect(howOf(first!)).toBe('answered');
    expect(await second!.name(project)).toBe('back');
  });
});

async function timed<T>(work: Promise<T>): Promise<{ ms: number; result: T }> {
  const startedMs = performance.now();
  const result = await work;
  return { ms: performance.now() - startedMs, result };
}

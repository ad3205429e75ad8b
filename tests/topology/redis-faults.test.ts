/**
 * Redis away, slow, silent, full, emptied, set back, swapped: requests are answered and right all
 * the time, nothing hangs beyond its time-out, and afterwards everything is as before without
 * anybody doing anything.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startLink, type Link } from '../fixtures/link.ts';
import { startRedis, type TestRedis } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';
import { until } from '../contract/when-ready.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { howOf, projectKey } from './member.ts';
import { shareByRedis } from './sharing.ts';

/** Short, so that the writes that must wait for it do not make the tests long. */
const LEASE_MS = 800;
/**
 * One look into the store and one claim are half a second; the rest is for a busy machine. Whoever
 * waited for Redis itself would wait until it is mended, or twice as long as it is slow.
 */
const READ_MS_MAX = 5_000;
/** Each way: an answer takes more than a read may. */
const SLOW_MS = 4_000;
/** More often than in production, so that deafness is found within a test. */
const PROBE_MS = 500;

describeWith(['redis-server'], 'Redis', (paths) => {
  const program = paths['redis-server'];
  let redis: TestRedis;
  let link: Link;
  let fleet: Fleet;

  beforeAll(async () => {
    redis = await startRedis(program);
    link = await startLink(redis.port);
    fleet = await createFleet({
      members: 2,
      share: shareByRedis(`redis://127.0.0.1:${link.port}`, { probeEveryMs: PROBE_MS }),
      leaseMs: LEASE_MS,
      breaker: { retryMs: 100, retryMsMax: 400 },
    });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await link?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });
  beforeEach(() => fleet.settled());

  async function timed<T>(work: Promise<T>): Promise<{ ms: number; result: T }> {
    const startedMs = performance.now();
    const result = await work;
    return { ms: performance.now() - startedMs, result };
  }

  /** A new fact, written by one and read by both, each within its time. */
  async function expectRight(project: string): Promise<void> {
    const name = `${performance.now()}`;
    const written = await timed(fleet.members[0]!.rename(project, name));
    expect(written.ms).toBeLessThan(LEASE_MS + READ_MS_MAX);
    for (const member of fleet.members) {
      const read = await timed(member.name(project));
      expect(read.result).toBe(name);
      expect(read.ms).toBeLessThan(READ_MS_MAX);
    }
  }

  /** The name of the project's entry, once it is stored and nobody claims it any more. */
  async function entryOf(project: string): Promise<string> {
    let keys: string[] = [];
    await until(async () => {
      keys = (await redis.command('KEYS', `*${projectKey(project)}`)) as string[];
      return keys.length === 1 && !keys[0]!.includes(':claim:');
    });
    return keys[0]!;
  }

  it('is cut off: answers go on, writes wait a lease, and it is used again by itself', async () => {
    const project = await fleet.addProject('0');
    link.cut();
    await expectRight(project);
    expect(howOf(fleet.members[0]!)).toBe('lease');
    // Resting, it is not asked at all.
    const shared = () => fleet.members[0]!.cache.report().shared!;
    const { rested } = shared();
    await until(async () => {
      await fleet.members[0]!.name(crypto.randomUUID());
      return shared().rested > rested;
    });
    link.mend('deliver');
    await fleet.settled();
    await expectRight(project);
  });

  it('takes eight seconds for everything: nobody waits that long', async () => {
    const project = await fleet.addProject('0');
    link.delay(SLOW_MS);
    await expectRight(project);
    for (let round = 0; round < 5; round += 1) {
      const read = await timed(fleet.members[1]!.name(crypto.randomUUID()));
      expect(read.ms).toBeLessThan(READ_MS_MAX);
    }
    const reads = await timed(
      Promise.all(Array.from({ length: 50 }, () => fleet.members[1]!.name(crypto.randomUUID()))),
    );
    expect(reads.ms).toBeLessThan(READ_MS_MAX);
    link.mend('deliver');
    await fleet.settled();
    await expectRight(project);
  });

  it('falls silent without closing anything, for good: both ways are found dead and replaced', async () => {
    const project = await fleet.addProject('0');
    link.hold();
    await expectRight(project);
    link.abandon();
    link.mend('deliver');
    await fleet.settled();
    await expectRight(project);
  });

  it('leaves a listener connected and deaf: its own probe tells, and it listens anew', async () => {
    const [, deaf] = fleet.members;
    const journal = () => deaf!.cache.report().journal;
    const revived = journal()?.revived ?? 0;
    link.abandon('subscribe');
    await until(() => (journal()?.revived ?? 0) > revived);
    await until(() => journal()?.hearing === true);
    await fleet.settled();
    await expectRight(await fleet.addProject('0'));
  });

  it('is frozen, as by SIGSTOP, and thaws', async () => {
    const project = await fleet.addProject('0');
    redis.freeze();
    await expectRight(project);
    redis.thaw();
    await fleet.settled();
    await expectRight(project);
  });

  it.each(['noeviction', 'allkeys-lru'])(
    'is full, with %s: it answers what it has',
    async (policy) => {
      const project = await fleet.addProject('0');
      await fleet.members[0]!.name(project);
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', policy, 'maxmemory', '1mb');
      await expectRight(project);
      await expectRight(project);
      if (policy === 'noeviction') {
        // A server that refuses every SET still carries the journal, and is still read from.
        await until(async () => {
          await expectRight(project);
          return howOf(fleet.members[0]!) === 'answered';
        });
        await until(async () => {
          await fleet.members[0]!.name(crypto.randomUUID());
          const { read, write } = fleet.members[0]!.cache.report().shared!.breakers;
          return read === 'closed' && write === 'open';
        });
      }
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
      await fleet.settled();
    },
  );

  it('is emptied: FLUSHALL, or a restart with nothing', async () => {
    const project = await fleet.addProject('0');
    await expectRight(project);
    await redis.command('FLUSHALL');
    await expectRight(project);
    await redis.stop();
    await redis.start();
    await expectRight(project);
    await fleet.settled();
    await expectRight(project);
  });

  it('comes back with old data: what was stored before the last write is not answered', async () => {
    const project = await fleet.addProject('old');
    await fleet.members[0]!.name(project);
    await entryOf(project);
    await redis.command('SAVE');
    await fleet.members[0]!.rename(project, 'new');
    await redis.stop();
    await redis.start();
    await fleet.settled();
    const before = fleet.members[1]!.events.length;
    expect(await fleet.members[1]!.name(project)).toBe('new');
    expect(fleet.members[1]!.events.slice(before).map(({ type }) => type)).toContain(
      'store-unusable',
    );
    expect(await fleet.members[0]!.name(project)).toBe('new');
  });

  it('is another server all of a sudden, which has what a replica had, and back again', async () => {
    await using other = await startRedis(program);
    const project = await fleet.addProject('old');
    await fleet.members[0]!.name(project);
    await entryOf(project);
    await other.command('REPLICAOF', '127.0.0.1', redis.port);
    await until(async () => (await other.command('DBSIZE')) === (await redis.command('DBSIZE')));
    await other.command('REPLICAOF', 'NO', 'ONE');
    await fleet.members[0]!.rename(project, 'new');
    link.leadTo(other.port);
    await expectRight(project);
    await fleet.settled();
    await fleet.members[1]!.rename(project, 'newest');
    link.leadTo(redis.port);
    expect(await fleet.members[0]!.name(project)).toBe('newest');
    await fleet.settled();
    expect(await fleet.members[1]!.name(project)).toBe('newest');
  });

  it('has been demoted to a replica that refuses writes: reads and messages go on', async () => {
    await using other = await startRedis(program);
    const project = await fleet.addProject('0');
    await redis.command('REPLICAOF', '127.0.0.1', other.port);
    await expectRight(project);
    await expectRight(project);
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await fleet.settled();
    await expectRight(project);
  });

  it('holds an entry that somebody damaged: it is a miss, and counted', async () => {
    const project = await fleet.addProject('whole');
    await fleet.members[0]!.name(project);
    await redis.command('SETRANGE', await entryOf(project), 60, 'damage');
    const corrupt = fleet.members[1]!.cache.report().shared?.corrupt ?? 0;
    expect(await fleet.members[1]!.name(project)).toBe('whole');
    // Twice: once more after the claim, since somebody else might have stored it meanwhile.
    expect(fleet.members[1]!.cache.report().shared?.corrupt).toBe(corrupt + 2);
  });

  it('was never there: a fleet starts, is right, and uses it once it is', async () => {
    await using late = await startRedis(program);
    await late.stop();
    await using early = await createFleet({
      members: 2,
      share: shareByRedis(late.url),
      leaseMs: LEASE_MS,
      breaker: { retryMs: 100, retryMsMax: 400 },
    });
    const project = await early.addProject('before');
    const [first, second] = early.members;
    expect(await second!.name(project)).toBe('before');
    await first!.rename(project, 'after');
    expect(await second!.name(project)).toBe('after');
    await late.start();
    await early.settled();
    await first!.rename(project, 'with it');
    expect(howOf(first!)).toBe('answered');
    expect(await second!.name(project)).toBe('with it');
  });
});

/**
 * Which commands Redis gets, as MONITOR shows them: none that walk over keys or run scripts, one
 * for a hit, one round for a batch, and the same few for an invalidation whatever it invalidates.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createRedisStore } from '../../src/cache/index.ts';
import { startRedis, type TestRedis } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';
import { storeWhenReady, until } from '../contract/when-ready.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { projectKey } from './member.ts';
import { shareByRedis } from './sharing.ts';

const ALLOWED = [
  'mget',
  'get',
  'set',
  'pexpire',
  'del',
  'publish',
  // Of connections that begin:
  'info',
  'client',
  'subscribe',
  // Of the test itself:
  'monitor',
  'hello',
];
const ENTRIES_AT_ONCE = 1_000;
/** On a busy machine what is merely late is neither asked for twice nor sent again. */
const PATIENCE_MS = 30_000;

describeWith(['redis-server'], 'the commands that Redis gets', (paths) => {
  let redis: TestRedis;
  let fleet: Fleet;
  let monitor: Awaited<ReturnType<TestRedis['monitor']>>;

  beforeAll(async () => {
    redis = await startRedis(paths['redis-server']);
    monitor = await redis.monitor();
    fleet = await createFleet({
      members: 2,
      share: shareByRedis(redis.url, { commandTimeoutMs: PATIENCE_MS }),
      leaseMs: PATIENCE_MS,
      breaker: { timeoutMs: PATIENCE_MS },
      limits: { storeTimeoutMs: PATIENCE_MS, resendMs: PATIENCE_MS },
    });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await monitor?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });
  beforeEach(() => fleet.settled());

  /** Commands while `work` runs and until all of them are seen; probes of the journal aside. */
  async function commandsOf(work: () => Promise<unknown>): Promise<string[][]> {
    await caughtUp();
    const from = monitor.commands.length;
    await work();
    const marker = await caughtUp();
    return monitor.commands
      .slice(from)
      .filter(([name]) => !['info', 'client', 'hello'].includes(name!.toLowerCase()))
      .filter((words) => words[1] !== marker && !words[2]?.startsWith('[["p"'));
  }
  /** Everything that Redis did before is seen. */
  async function caughtUp(): Promise<string> {
    const marker = `marker ${crypto.randomUUID()}`;
    await redis.command('PUBLISH', marker, '');
    await until(() => monitor.commands.findLast((words) => words[1] === marker) !== undefined);
    return marker;
  }
  /** The load of the project has ended in Redis too. */
  async function claimEnded(project: string): Promise<void> {
    const isEnd = ([name, key]: string[]) =>
      name === 'del' && key!.includes('claim') && key!.endsWith(projectKey(project));
    await until(() => monitor.commands.some(isEnd));
  }
  const namesOf = (commands: string[][]): string[] =>
    commands.map(([name]) => name!.toLowerCase()).toSorted();

  it('are one GET for a hit in the shared store', async () => {
    const project = await fleet.addProject('hit');
    await fleet.members[0]!.name(project);
    await claimEnded(project);
    expect(namesOf(await commandsOf(() => fleet.members[1]!.name(project)))).toEqual(['get']);
    expect(namesOf(await commandsOf(() => fleet.members[1]!.name(project)))).toEqual([]);
  });

  it('are a claim, a second look, an entry and the end of the claim for a miss', async () => {
    const project = await fleet.addProject('miss');
    const names = namesOf(
      await commandsOf(async () => {
        await fleet.members[0]!.name(project);
        await claimEnded(project);
      }),
    );
    expect(names).toEqual(['del', 'get', 'get', 'get', 'set', 'set']);
  });

  it('are one MGET for a batch', async () => {
    const store = await storeWhenReady(createRedisStore({ url: redis.url }));
    const keys = Array.from({ length: 100 }, (_, index) => `batch ${index}`);
    const commands = await commandsOf(() => store.getMany(keys));
    expect(commands).toEqual([['mget', ...keys.map((key) => `greenroom:${key}`)]]);
    await store.close();
  });

  it('are as many for an invalidation of one entry as of a hundred thousand', async () => {
    const project = await fleet.addProject('tagged');
    await fleet.members[0]!.name(project);
    await claimEnded(project);
    const [key] = (await redis.command('KEYS', `*${projectKey(project)}`)) as string[];
    const bytes = Buffer.from(String(await redis.command('GET', key!)));
    const store = await storeWhenReady(
      createRedisStore({ url: redis.url, commandTimeoutMs: 30_000 }),
    );
    const counts: number[] = [];
    const medians: number[] = [];
    let entries = 1;
    for (const wanted of [1, 1_000, 100_000]) {
      // Entries that carry the project's tag, as its own does.
      while (entries < wanted) {
        const names = Array.from({ length: ENTRIES_AT_ONCE }, (_, i) => `${entries + i}`);
        await Promise.all(names.map((name) => store.set(name, bytes, 600_000)));
        entries += ENTRIES_AT_ONCE;
      }
      const waits: number[] = [];
      for (let round = 0; round < 15; round += 1) {
        const commands = await commandsOf(async () => {
          const startedMs = performance.now();
          await fleet.members[0]!.rename(project, `${wanted} ${round}`);
          waits.push(performance.now() - startedMs);
        });
        if (round === 0) counts.push(commands.length);
        expect(namesOf(commands)).toEqual(['publish', 'publish']);
      }
      medians.push(waits.toSorted((a, b) => a - b)[7]!);
    }
    expect(counts).toEqual([2, 2, 2]);
    console.log(
      `invalidating 1, 1,000, 100,000 entries: ${medians.map((ms) => ms.toFixed(2)).join(', ')} ms`,
    );
    await store.close();
  });

  it('are none that walk over keys or run scripts, ever', () => {
    const own = monitor.commands.filter(
      // KEYS and DBSIZE are this test's own questions.
      ([name, key]) => !(name!.toLowerCase() === 'keys' && key!.includes('topology.project:')),
    );
    expect(own.length).toBeGreaterThan(100_000);
    const names = new Set(own.map(([name]) => name!.toLowerCase()));
    expect([...names].filter((name) => !ALLOWED.includes(name))).toEqual([]);
  });
});

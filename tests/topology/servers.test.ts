/** Whole servers side by side on one database, as two deployments of `npm start` are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';
import { startTestServer, type TestServer } from '../fixtures/server.ts';
import { createGreenroomClient } from '../../src/client/index.ts';
import { until } from '../contract/when-ready.ts';

/** Long: on a busy machine a round of writes takes a second without waiting for anybody. */
const LEASE_MS = 10_000;

function serversContract(
  environment: () => Promise<AsyncDisposable & { env: Record<string, string> }>,
) {
  let world: Awaited<ReturnType<typeof environment>>;
  let one: TestServer;
  let two: TestServer;

  beforeAll(async () => {
    world = await environment();
    const env = { ...world.env, CACHE_LEASE_MS: String(LEASE_MS) };
    one = await startTestServer({ env });
    two = await startTestServer({ env, databaseUrl: one.databaseUrl });
  });
  afterAll(async () => {
    await two?.[Symbol.asyncDispose]();
    await one?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  it('tell each other of every write: sign-out, rename and removal hold at once, without a lease', async () => {
    const owner = await one.signUp('owner');
    const beside = createClient(two, owner.token);
    const project = await owner.client.project.create.mutate({ name: '0' });
    await until(async () => {
      const startedMs = performance.now();
      await owner.client.project.update.mutate({ projectId: project.id, name: 'settling' });
      return performance.now() - startedMs < LEASE_MS / 2;
    });
    for (let round = 1; round <= 20; round += 1) {
      const [writer, reader] = round % 2 ? [owner.client, beside] : [beside, owner.client];
      const startedMs = performance.now();
      await writer.project.update.mutate({ projectId: project.id, name: String(round) });
      expect(performance.now() - startedMs).toBeLessThan(LEASE_MS);
      expect((await reader.project.byId.query({ projectId: project.id })).name).toBe(String(round));
      expect((await reader.project.list.query()).map(({ name }) => name)).toEqual([String(round)]);
    }
    await fetch(`${one.url}/api/auth/sign-out`, {
      method: 'POST',
      headers: { cookie: owner.cookie, origin: one.url },
    });
    await expect(beside.project.list.query()).rejects.toMatchObject({
      data: { code: 'UNAUTHORIZED' },
    });
  });
}

function createClient(server: TestServer, token: string) {
  return createGreenroomClient({ url: server.url, token });
}

describe('two servers with PostgreSQL alone, without any setting', () => {
  serversContract(async () => ({ env: {}, [Symbol.asyncDispose]: async () => undefined }));
});

describe('two servers with PostgreSQL as store and journal', () => {
  serversContract(async () => ({
    env: { CACHE_STORE: 'postgres' },
    [Symbol.asyncDispose]: async () => undefined,
  }));
});

describeWith(['redis-server'], 'two servers with Redis', (paths) => {
  let redis: TestRedis;
  serversContract(async () => {
    redis = await startRedis(paths['redis-server']);
    return {
      env: { REDIS_URL: redis.url },
      [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
    };
  });

  it('say that Redis evicts otherwise than expected, also when it keeps one cache only', async () => {
    const lines: string[] = [];
    await using _server = await startTestServer({
      env: {
        REDIS_URL: redis.url,
        CACHE_STORE: 'memory',
        CACHE_STORES: 'component.build=redis',
        CACHE_EVICTION_POLICY: 'allkeys-lru',
      },
      log: { write: (line: string) => void lines.push(line) },
    });
    await until(() => lines.some((line) => line.includes('evicts otherwise')));
    expect(lines.find((line) => line.includes('evicts otherwise'))).toContain('"noeviction"');
  });

  it('keep in Redis what they have loaded', async () => {
    expect(Number(await redis.command('DBSIZE'))).toBeGreaterThan(0);
  });
});

describe('a server whose Redis is nowhere', () => {
  it('starts, answers, and says in the log what it misses, once', async () => {
    const lines: string[] = [];
    await using server = await startTestServer({
      // Nobody listens on the port of tcpmux.
      env: { REDIS_URL: 'redis://127.0.0.1:1', CACHE_EVICTION_POLICY: 'allkeys-lru' },
      log: { write: (line: string) => void lines.push(line) },
    });
    const { client } = await server.signUp('owner');
    const project = await client.project.create.mutate({ name: '0' });
    expect((await client.project.byId.query({ projectId: project.id })).name).toBe('0');
    const complaints = () => lines.filter((line) => line.includes('Redis cannot be reached'));
    await until(() => complaints().length > 0);
    expect(complaints()).toHaveLength(1);
  });
});

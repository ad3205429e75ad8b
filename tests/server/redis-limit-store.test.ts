/** One limit for all processes through a real Redis, and a limit in each while it is away. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connectRedis } from '../../src/cache/index.ts';
import { createMemoryLimitStore, WINDOW_MS } from '../../src/server/rate-limit-store.ts';
import { createRedisLimitStore } from '../../src/server/redis-limit-store.ts';
import { createRateLimits, TooManyRequests } from '../../src/server/rate-limit.ts';
import { until } from '../contract/when-ready.ts';
import { startRedis, type TestRedis } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';

/** Windows are those of the wall clock: here it stands still in the middle of one. */
const NOW = Date.UTC(2026, 0, 1) + WINDOW_MS / 2;
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

/** On a busy machine a server that is merely late is not away. */
const PATIENCE_MS = 30_000;
const LIMITS = { calls: 100, reads: 100, 'sign-in': 100 };

/** One process's part. */
async function join(redis: TestRedis) {
  const connection = connectRedis({ url: redis.url, commandTimeoutMs: PATIENCE_MS });
  const errors: unknown[] = [];
  const store = createRedisLimitStore({
    connection,
    fallback: createMemoryLimitStore(),
    onError: (error) => errors.push(error),
  });
  await until(async () => (await connection.client().ping()) === 'PONG');
  const limits = createRateLimits({ store, limits: LIMITS });
  /** How many of so many calls are let through. */
  async function call(userId: string, times: number): Promise<number> {
    let allowed = 0;
    for (let done = 0; done < times; done += 1) {
      try {
        await limits.of({ userId }).take('calls');
        allowed += 1;
      } catch (error) {
        if (!(error instanceof TooManyRequests)) throw error;
      }
    }
    return allowed;
  }
  return { store, call, errors, [Symbol.dispose]: () => connection.close() };
}

describeWith(['redis-server'], 'limits through Redis', ({ 'redis-server': program }) => {
  it('are one for all processes, whoever is asked', async () => {
    await using redis = await startRedis(program);
    using first = await join(redis);
    using second = await join(redis);
    const allowed = (await first.call('ada', 80)) + (await second.call('ada', 80));
    // What the one has leased and not used, the other does without: two requests at most here.
    expect(allowed).toBeLessThanOrEqual(100);
    expect(allowed).toBeGreaterThanOrEqual(96);
    expect(await second.call('bob', 10)).toBe(10);
    expect([...first.errors, ...second.errors]).toEqual([]);
  });

  it('leave no counter without an end, and nobody’s name in a key', async () => {
    await using redis = await startRedis(program);
    using process = await join(redis);
    await process.store.take('calls:user:ada', 10);
    const [key, ...others] = (await redis.command('KEYS', '*')) as string[];
    expect(others).toEqual([]);
    expect(key).toMatch(/^greenroom:limit:\d+:[\w-]{43}$/);
    const ttl = Number(await redis.command('PTTL', key!));
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(120_000);
  });

  it('are counted in the process while Redis is away, and in Redis again when it is back', async () => {
    await using redis = await startRedis(program);
    using process = await join(redis);
    await redis.stop();
    expect(await process.call('ada', 150)).toBe(100);
    expect(process.errors.length).toBeGreaterThan(0);
    await redis.start();
    await until(async () => {
      await process.store.take('after', 10);
      return ((await redis.command('KEYS', '*')) as string[]).length > 0;
    });
  });
});

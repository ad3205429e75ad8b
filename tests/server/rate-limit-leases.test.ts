import { afterEach, expect, test, vi } from 'vitest';
import { createLeases } from '../../src/server/rate-limit-leases.ts';
import { createMemoryLimitStore, WINDOW_MS } from '../../src/server/rate-limit-store.ts';

afterEach(() => vi.useRealTimers());

function counted() {
  const store = createMemoryLimitStore();
  const asked: number[] = [];
  const { take } = createLeases({
    take(key, limit, count = 1) {
      asked.push(count);
      return store.take(key, limit, count);
    },
  });
  return { take, asked };
}

test.each([1, 3, 100, 640])(
  'exactly %i requests are allowed, each telling what is left',
  async (limit) => {
    const { take } = counted();
    for (let n = 1; n <= limit; n += 1) {
      expect(await take('a', limit)).toMatchObject({ allowed: true, remaining: limit - n });
    }
    expect(await take('a', limit)).toMatchObject({ allowed: false, remaining: 0 });
  },
);

test('exactly as many are allowed when they come at once', async () => {
  const { take } = counted();
  const all: boolean[] = [];
  for (let round = 0; round < 10; round += 1) {
    const taken = await Promise.all(Array.from({ length: 30 }, async () => take('a', 200)));
    all.push(...taken.map(({ allowed }) => allowed));
  }
  expect(all.filter(Boolean)).toHaveLength(200);
});

test('a caller who keeps calling asks the store once for many, a stranger for one', async () => {
  const { take, asked } = counted();
  for (let n = 0; n < 3_000; n += 1) await take('a', 3_000);
  expect(asked.length).toBeLessThan(70);
  await take('b', 3_000);
  expect(asked.at(-1)).toBe(1);
});

test('what was leased ends with its window', async () => {
  vi.useFakeTimers();
  const { take } = counted();
  for (let n = 0; n < 60; n += 1) await take('a', 100);
  vi.advanceTimersByTime(WINDOW_MS + 1);
  expect(await take('a', 100)).toMatchObject({ allowed: true, remaining: 99 });
});

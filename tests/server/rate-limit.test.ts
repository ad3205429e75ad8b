import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { createMemoryLimitStore, WINDOW_MS } from '../../src/server/rate-limit-store.ts';
import { createRateLimits, networkOf, TooManyRequests } from '../../src/server/rate-limit.ts';
import { startStandIn } from './stand-in.ts';

afterEach(() => vi.useRealTimers());

function limits(values: Partial<Record<'calls' | 'reads' | 'sign-in', number>>) {
  return createRateLimits({
    store: createMemoryLimitStore(),
    limits: { calls: 3, reads: 5, 'sign-in': 2, ...values },
  });
}

test('a caller has as many calls a minute as the limit says, and again in the next', async () => {
  vi.useFakeTimers();
  const all = limits({ calls: 2 });
  const take = () => all.of({ userId: 'u1' }).take('calls');
  await take();
  await take();
  await expect(take()).rejects.toThrow(TooManyRequests);
  vi.advanceTimersByTime(WINDOW_MS + 1);
  await take();
});

test('buckets, users and addresses do not touch each other', async () => {
  const all = limits({ calls: 1, reads: 1 });
  await all.of({ userId: 'u1' }).take('calls');
  await all.of({ userId: 'u1' }).take('reads');
  await all.of({ userId: 'u2' }).take('calls');
  await all.of({ address: '10.0.0.1' }).take('calls');
  await all.of({ address: '10.0.0.2' }).take('calls');
  await expect(all.of({ address: '10.0.0.1' }).take('calls')).rejects.toThrow(TooManyRequests);
});

test('an IPv6 network counts as one caller, and a mapped IPv4 address as itself', () => {
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8::9')).toBe('2001:db8:0:0::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
  expect(networkOf('::ffff:10.0.0.1')).toBe('10.0.0.1');
  expect(networkOf('10.0.0.1')).toBe('10.0.0.1');
});

test('beyond the bound on keys new ones share counters, and known ones keep theirs', async () => {
  const store = createMemoryLimitStore({ keysMax: 2 });
  await store.take('a', 1_000);
  await store.take('b', 1_000);
  const strangers = await Promise.all(
    Array.from({ length: 2_000 }, (_, index) => store.take(`stranger ${index}`, 1_000)),
  );
  expect(Math.min(...strangers.map((taken) => taken.remaining))).toBeLessThan(999);
  expect((await store.take('a', 1_000)).remaining).toBe(998);
});

test('a batch of n calls counts n, and the answer tells what is left', async () => {
  await using server = await startStandIn({ limits: { reads: 5 } });
  const ask = (calls: number) => {
    const paths = Array<string>(calls).fill('members').join(',');
    return fetch(`${server.url}/trpc/${paths}?batch=1&input=%7B%7D`);
  };
  const first = await ask(3);
  expect(first.headers.get('ratelimit-policy')).toBe('"reads";q=5;w=60');
  expect(first.headers.get('ratelimit')).toMatch(/^"reads";r=2;t=\d+$/);
  expect(first.headers.get('retry-after')).toBeNull();

  const second = await ask(3);
  const answers = (await second.json()) as { error: { json: { data: { code: string } } } }[];
  expect(answers.map((answer) => answer.error.json.data.code)).toEqual([
    'UNAUTHORIZED',
    'UNAUTHORIZED',
    'TOO_MANY_REQUESTS',
  ]);
  expect(second.headers.get('ratelimit')).toMatch(/^"reads";r=0;t=\d+$/);
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a single call beyond the limit is a tRPC error with status 429', async () => {
  await using server = await startStandIn({ limits: { calls: 1 } });
  const call = () =>
    fetch(`${server.url}/trpc/change`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ json: { name: 'x' } }),
    });
  expect((await call()).status).toBe(200);
  const refused = await call();
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({
    error: { json: { data: { code: 'TOO_MANY_REQUESTS', httpStatus: 429 } } },
  });
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
});

test('a path with dots in it is counted as what it leads to', async () => {
  await using server = await startStandIn({ limits: { signIn: 1 } });
  const paths = ['./sign-in/email', 'x/../sign-in/email', 'x/%2e%2e/sign-up/email'];
  const statuses: (number | undefined)[] = [];
  for (const path of paths) {
    // fetch would resolve the dots itself.
    const asking = request(server.url, { method: 'POST', path: `/api/auth/${path}` }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    statuses.push(answer.statusCode);
  }
  expect(statuses).toEqual([200, 429, 429]);
});

test('sign-in and sign-up share a bucket of their own; other sign-in paths do not use it', async () => {
  await using server = await startStandIn({ limits: { signIn: 2 } });
  const post = (path: string) =>
    fetch(`${server.url}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
  expect((await post('sign-in/email')).status).toBe(200);
  expect((await post('sign-up/email')).status).toBe(200);
  const refused = await post('sign-in/email');
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  expect(refused.headers.get('ratelimit')).toMatch(/^"sign-in";r=0/);
  expect((await post('sign-out')).status).toBe(200);
  expect((await fetch(`${server.url}/api/auth/get-session`)).status).toBe(200);
});

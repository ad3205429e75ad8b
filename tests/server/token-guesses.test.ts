/** What made-up tokens may cost. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { createAddressOf } from '../../src/server/client-address.ts';
import { WINDOW_MS } from '../../src/server/rate-limit-store.ts';
import { createTokenGuesses } from '../../src/server/token-guesses.ts';
import { startTestServer } from '../fixtures/server.ts';
import { ask, official } from '../wire/both-ways.ts';

afterEach(() => vi.useRealTimers());

const from = (remoteAddress: string) => ({ headers: {}, socket: { remoteAddress } });

function guessesOf(perMinute: number) {
  const guesses = createTokenGuesses({ perMinute, addressOf: createAddressOf(undefined) });
  let looks = 0;
  const guess = async (address: string, found: string | null = null) => {
    const request = from(address);
    const look = async () => {
      looks += 1;
      await setImmediate();
      return found;
    };
    const session = await guesses.lookUp(request, look);
    return session ?? (guesses.refusalOf(request) ? 'refused' : null);
  };
  return { guess, looks: () => looks };
}

it('an address has so many tokens looked up in vain, however many at once, and more in the next minute', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { guess, looks } = guessesOf(10);
  const answers = await Promise.all(Array.from({ length: 500 }, () => guess('10.0.0.1')));
  // Those that were under way together with the last one.
  expect(looks()).toBeLessThanOrEqual(13);
  expect(answers.filter((answer) => answer === 'refused')).toHaveLength(500 - looks());
  expect(await guess('10.0.0.1', 'somebody')).toBe('refused');
  expect(await guess('10.0.0.2', 'somebody')).toBe('somebody');
  vi.advanceTimersByTime(WINDOW_MS);
  expect(await guess('10.0.0.1', 'somebody')).toBe('somebody');
});

it('tokens of people count for nothing, also where many come at once', async () => {
  const { guess } = guessesOf(1);
  const answers = await Promise.all(Array.from({ length: 500 }, () => guess('10.0.0.1', 'one')));
  expect(new Set(answers)).toEqual(new Set(['one']));
});

it('a look-up that fails is nobody’s guess', async () => {
  const guesses = createTokenGuesses({ perMinute: 1, addressOf: createAddressOf(undefined) });
  const fail = () => guesses.lookUp(from('10.0.0.1'), () => Promise.reject(new Error('away')));
  await expect(fail()).rejects.toThrow('away');
  await expect(fail()).rejects.toThrow('away');
});

it('beyond that a server asks its database for no more of them, on any path, and answers 429', async () => {
  const LIMIT = 3;
  await using app = await startTestServer({ env: { RATE_LIMIT_PER_MINUTE: String(LIMIT) } });
  const { token, cookie, email } = await app.signUp('ada');
  const known = { authorization: `Bearer ${token}` };
  const reads = '/trpc/project.list';
  const rest = `/api/personality/${email.split('@')[0]}/cache`;
  expect(await ask(app.url, { path: reads, headers: known })).toMatchObject({ status: 200 });

  let made = 0;
  const guess = (path: string) => {
    made += 1;
    return ask(app.url, { path, headers: { authorization: `Bearer made-up-${made}` } });
  };
  const looked = () => {
    const sessions = app.services.cache.report().caches.find(({ name }) => name === 'sessions');
    return sessions?.load.count ?? 0;
  };
  const before = looked();
  for (let n = 0; n < LIMIT; n += 1) expect((await guess(reads)).status).toBe(401);
  for (const path of [reads, official(reads), `${reads},project.list?batch=1`, rest]) {
    const { status, headers, body } = await guess(path);
    expect([path, status]).toEqual([path, 429]);
    expect(headers['ratelimit']).toMatch(/^"tokens";r=0;t=\d+$/);
    expect(headers['ratelimit-policy']).toBe(`"tokens";q=${LIMIT};w=60`);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(body).toContain('TOO_MANY_REQUESTS');
  }
  expect(looked() - before).toBe(LIMIT);

  // Who is known, and who has our signature, is served from the same address.
  expect(await ask(app.url, { path: reads, headers: known })).toMatchObject({ status: 200 });
  const { cookie: another } = await app.signUp('bob');
  for (const each of [cookie, another]) {
    const answer = await ask(app.url, { path: reads, headers: { cookie: each } });
    expect(answer.status).toBe(200);
  }
});

/** Any value, any batch: the wire path answers what the official adapter does, and runs it once. */
import fc from 'fast-check';
import { get } from 'node:http';
import superjson from 'superjson';
import { describe, expect, test } from 'vitest';
import { arbitraryValue } from '../cache/values.ts';
import { ask, comparable, official } from './both-ways.ts';
import { batchOf, pathOf, startValueServer } from './value-server.ts';

const canBeSent = (value: unknown): boolean => {
  try {
    superjson.stringify(value);
    return true;
  } catch {
    return false;
  }
};

const value = fc.oneof(
  arbitraryValue.filter(canBeSent),
  // Long enough to be compressed.
  fc.string({ minLength: 1_000, maxLength: 3_000 }),
);
const cached = fc.constantFrom('value', 'value', 'value', 'changed', 'failing');
const known = fc.record({ id: fc.constantFrom('a', 'b', 'none') });
const wrong = fc.constantFrom<unknown>(undefined, null, {}, { id: 1 }, { id: 'x'.repeat(30) }, []);
const call = fc.tuple(
  fc.oneof(
    { weight: 20, arbitrary: cached },
    { weight: 1, arbitrary: fc.constantFrom('plain', 'missing', 'change') },
  ),
  fc.oneof({ weight: 8, arbitrary: known }, { weight: 2, arbitrary: wrong }),
);

const usual = fc.record(
  {
    'accept-encoding': fc.constantFrom('', 'br', 'gzip, deflate', 'gzip, deflate, br, zstd'),
    origin: fc.constant('https://studio.example.com'),
    'if-none-match': fc.constantFrom('*', '"nothing"', 'W/"x", "y"'),
    'content-type': fc.constant('application/json'),
  },
  { requiredKeys: [] },
);
const unusual = fc.record(
  {
    'accept-encoding': fc.constantFrom('gzip;q=0.5, br', '*', 'x-gzip', 'br;q=0'),
    origin: fc.constantFrom('https://elsewhere.example.com', 'null', 'nonsense'),
    'content-type': fc.constantFrom('text/plain', 'application/json; charset=utf-8'),
    'trpc-accept': fc.constant('application/json'),
  },
  { requiredKeys: [] },
);
const headers = fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: unusual });

describe('the wire path', () => {
  test(
    'answers as the official adapter does, whatever is asked',
    { timeout: 120_000 },
    async () => {
      await using server = await startValueServer();
      const by = { wire: 0, official: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.tuple(value, value),
          fc.oneof(call, fc.array(call, { minLength: 1, maxLength: 5 })),
          headers,
          async ([a, b], asked, given) => {
            server.store('a', a);
            server.store('b', b);
            const isBatch = Array.isArray(asked[0]);
            const path = isBatch
              ? batchOf(asked as [string, unknown][])
              : pathOf(...(asked as [string, unknown]));
            for (const round of ['first', 'again']) {
              const theirs = await ask(server.url, { path: official(path), headers: given });
              const ours = await ask(server.url, { path, headers: given });
              expect(comparable(ours), `${round}: ${path}`).toEqual(comparable(theirs));
              expect(theirs.by).toBe('official');
              by[ours.by] += 1;
            }
          },
        ),
        { numRuns: 400 },
      );
      // Most of it was answered by the path that is tested.
      expect(by.wire).toBeGreaterThan(400);
      expect(by.official).toBeGreaterThan(40);
    },
  );

  test('encodes a value once, and counts its bytes and their compressed form', async () => {
    await using server = await startValueServer();
    server.store('a', { text: 'x'.repeat(5_000) });
    const path = pathOf('value', { id: 'a' });
    const plain = await ask(server.url, { path });
    expect(plain.by).toBe('wire');
    const once = server.keptBytes('a') ?? 0;
    expect(once).toBeGreaterThanOrEqual(Number(plain.headers['content-length']));
    await ask(server.url, { path });
    expect(server.keptBytes('a')).toBe(once);
    const packed = await ask(server.url, { path, headers: { 'accept-encoding': 'br' } });
    expect(server.keptBytes('a')).toBe(once + Number(packed.headers['content-length']));
    await ask(server.url, { path, headers: { 'accept-encoding': 'br' } });
    expect(server.keptBytes('a')).toBe(once + Number(packed.headers['content-length']));
    expect(packed.body).toBe(plain.body);
    expect(packed.headers.etag).toBe(plain.headers.etag?.replace(/"$/, '-br"'));
  });

  test('answers 304 for the validator of the very encoding', async () => {
    await using server = await startValueServer();
    server.store('a', { text: 'x'.repeat(2_000) });
    const path = pathOf('value', { id: 'a' });
    const { headers: first } = await ask(server.url, { path });
    const etag = first.etag ?? '';
    const again = await ask(server.url, { path, headers: { 'if-none-match': etag } });
    expect([again.status, again.body, again.headers['content-type']]).toEqual([304, '', undefined]);
    const packed = { 'if-none-match': etag, 'accept-encoding': 'gzip' };
    expect((await ask(server.url, { path, headers: packed })).status).toBe(200);
    server.store('a', { text: 'y'.repeat(2_000) });
    const changed = await ask(server.url, { path, headers: { 'if-none-match': etag } });
    expect([changed.status, changed.by]).toEqual([200, 'wire']);
  });

  test('a middleware outside of the cached procedure that redacts is respected', async () => {
    await using server = await startValueServer();
    server.store('a', { secret: 'never' });
    // Its bytes are there.
    await ask(server.url, { path: pathOf('value', { id: 'a' }) });
    const ours = await ask(server.url, { path: pathOf('changed', { id: 'a' }) });
    expect(ours.by).toBe('wire');
    expect(ours.body).toContain('redacted');
    expect(ours.body).not.toContain('never');
    const batch = batchOf([
      ['value', { id: 'a' }],
      ['changed', { id: 'a' }],
    ]);
    const [kept, changed] = JSON.parse((await ask(server.url, { path: batch })).body) as object[];
    expect(JSON.stringify(kept)).toContain('never');
    expect(JSON.stringify(changed)).not.toContain('never');
  });

  test('runs every call once, also of batches that it leaves to the official adapter', async () => {
    await using server = await startValueServer();
    server.store('a', 1);
    const a = { id: 'a' };
    const batches: [string, unknown][][] = [
      [['value', a]],
      [
        ['value', a],
        ['value', { id: 'none' }],
        ['failing', a],
      ],
      [
        ['value', a],
        ['plain', a],
        ['changed', a],
      ],
      [
        ['value', a],
        ['change', a],
      ],
      [
        ['value', a],
        ['missing', a],
      ],
      [
        ['value', { id: 1 }],
        ['value', a],
      ],
    ];
    for (const calls of batches) {
      const count = async (path: string) => {
        const before = { ...server.runs };
        const { by } = await ask(server.url, { path });
        return {
          by,
          ran: server.runs.resolver - before.resolver,
          passed: server.runs.middleware - before.middleware,
        };
      };
      const theirs = await count(official(batchOf(calls)));
      const ours = await count(batchOf(calls));
      expect({ ...ours, by: 0 }).toEqual({ ...theirs, by: 0 });
    }
  });

  test('a caller who leaves aborts the signal of his calls', async () => {
    await using server = await startValueServer();
    const sent = get(`${server.url}/trpc/hanging`);
    sent.on('error', () => undefined);
    await expect.poll(() => server.runs.middleware).toBe(1);
    sent.destroy();
    expect(await server.aborted).toBe(true);
  });

  test('lets a CDN keep what was said to be public, with tags as surrogate keys', async () => {
    await using server = await startValueServer();
    const deps = ['scene:1', 'a tag, with\r\nx-evil: 1 💡'];
    server.store('a', 'open', { publicForMs: 90_000, deps });
    server.store('b', 'too many', { publicForMs: 90_000, deps: Array(2_000).fill('tag:1') });
    const path = pathOf('value', { id: 'a' });
    const ours = await ask(server.url, { path });
    expect(comparable(ours)).toEqual(comparable(await ask(server.url, { path: official(path) })));
    expect(ours.headers['cache-control']).toBe('public, max-age=0, s-maxage=90');
    expect(ours.headers.vary).not.toMatch(/cookie|authorization/i);
    expect(ours.headers['x-evil']).toBeUndefined();
    const keys = ours.headers['surrogate-key']?.toString().split(' ') ?? [];
    expect(keys.map(decodeURIComponent)).toEqual(deps);
    const long = await ask(server.url, { path: pathOf('value', { id: 'b' }) });
    expect(long.headers['cache-control']).toBe('private, no-cache');
    expect(long.headers['surrogate-key']).toBeUndefined();
  });

  test('can be switched off', async () => {
    await using server = await startValueServer({ wire: false });
    server.store('a', 1);
    const { by, status } = await ask(server.url, { path: pathOf('value', { id: 'a' }) });
    expect([by, status]).toEqual(['official', 200]);
  });

  test('tells the log of errors and misses, and counts hits in silence', async () => {
    await using server = await startValueServer();
    server.store('a', 1);
    await ask(server.url, { path: pathOf('value', { id: 'a' }) });
    expect(server.lines.filter(({ msg }) => msg === 'answered' || msg === 'read')).toEqual([]);
    await ask(server.url, { path: pathOf('failing', { id: 'a' }) });
    expect(server.lines).toContainEqual({ error: 'a secret of the server' });
    expect(server.lines).toContainEqual(
      expect.objectContaining({ msg: 'answered', status: 500, path: '/trpc/failing' }),
    );
  });
});

/** What `withCacheAnswer` adds to answers of tRPC's own fetch adapter. */
import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { collectMarks, withCacheAnswer } from '../../src/package/server.ts';
import type { CacheMark } from '../../src/procedures/index.ts';

const STORED_AT = Date.UTC(2026, 0, 1);
const MARK: CacheMark = {
  storedAt: STORED_AT,
  validUntil: STORED_AT + 60_000,
  deps: ['note:1'],
  outcome: 'hit',
  tier: 'l1',
};

interface Context {
  mark(batchIndex: number, mark: CacheMark): void;
}

const t = initTRPC.context<Context>().create();
const cached = (said: Partial<CacheMark> = {}) =>
  t.procedure.use(({ ctx, batchIndex, next }) => {
    ctx.mark(batchIndex ?? 0, { ...MARK, ...said });
    return next();
  });
let note = 'as it was';
const router = t.router({
  note: cached().query(() => ({ note })),
  other: cached({ deps: ['note:2'], outcome: 'miss', tier: 'source' }).query(() => 2),
  plain: t.procedure.query(() => 'plain'),
  failing: cached().query(() => {
    throw new TRPCError({ code: 'FORBIDDEN' });
  }),
});

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const request = new Request(`http://app.test/trpc/${path}`, init);
  const marks = collectMarks();
  const response = await fetchRequestHandler({
    endpoint: '/trpc',
    req: request,
    router,
    createContext: () => ({ mark: marks.add }),
    responseMeta: () => ({ headers: { vary: 'Origin' } }),
  });
  return withCacheAnswer(request, response, marks);
}

beforeEach(() => {
  note = 'as it was';
  vi.useFakeTimers({ toFake: ['Date'], now: STORED_AT + 12_900 });
});
afterEach(() => vi.useRealTimers());

test('a single answer says what the cache knows, in its body and its headers', async () => {
  const response = await ask('note');
  const { storedAt, validUntil, deps } = MARK;
  expect(await response.json()).toEqual({
    result: { data: { note: 'as it was' }, cache: { storedAt, validUntil, deps } },
  });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    age: '12',
    'cache-control': 'private, no-cache',
    'cache-status': 'greenroom; hit; ttl=47; detail=l1',
    etag: expect.stringMatching(/^"[\w-]{43}"$/),
    vary: expect.stringMatching(/^Cookie, Authorization, Accept-Encoding,.*\bOrigin\b/),
  });
});

test('an entry from a clock that is ahead has the age 0', async () => {
  vi.setSystemTime(STORED_AT - 5_000);
  expect((await ask('note')).headers.get('age')).toBe('0');
});

test.each([
  ['the tag', (tag: string) => tag],
  ['a weak one in a list', (tag: string) => `"other", W/${tag}`],
  ['any', () => '*'],
])(
  'If-None-Match with %s is answered by 304, with the headers and without a body',
  async (_, of) => {
    const etag = (await ask('note')).headers.get('etag')!;
    const again = await ask('note', { headers: { 'if-none-match': of(etag) } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect(again.headers.get('content-type')).toBeNull();
    expect(Object.fromEntries(again.headers)).toMatchObject({
      etag,
      age: '12',
      'cache-status': 'greenroom; hit; ttl=47; detail=l1',
      'cache-control': 'private, no-cache',
    });
  },
);

test('a tag of what it was before earns the new answer', async () => {
  const etag = (await ask('note')).headers.get('etag')!;
  note = 'as it is';
  const again = await ask('note', { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(200);
  expect(again.headers.get('etag')).not.toBe(etag);
  expect(await again.text()).toContain('as it is');
});

test('in a batch each cached answer has its own field, and the batch is not to be kept', async () => {
  const response = await ask('note,plain,other,note?batch=1', {
    headers: { 'if-none-match': '*' },
  });
  expect(response.status).toBe(200);
  const answers = (await response.json()) as { result: { cache?: { deps: string[] } } }[];
  expect(answers.map(({ result }) => result.cache?.deps)).toEqual([
    ['note:1'],
    undefined,
    ['note:2'],
    ['note:1'],
  ]);
  for (const name of ['etag', 'age', 'cache-status']) expect(response.headers.get(name)).toBeNull();
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('in a batch that partly fails, what did not has its field', async () => {
  const response = await ask('failing,note?batch=1');
  expect(response.status).toBe(207);
  const [failed, found] = (await response.json()) as [{ error: object }, { result: object }];
  expect(failed).not.toHaveProperty('result');
  expect(found.result).toHaveProperty('cache.storedAt', STORED_AT);
});

test('an error after a hit is an error: not to be kept, without a tag', async () => {
  const response = await ask('failing', { headers: { 'if-none-match': '*' } });
  expect(response.status).toBe(403);
  expect(await response.text()).not.toContain('"cache"');
  expect(response.headers.get('etag')).toBeNull();
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('what came through no cache, and what is streamed, is passed on as it is', async () => {
  const plain = await ask('plain');
  expect(await plain.json()).toEqual({ result: { data: 'plain' } });
  expect(plain.headers.get('cache-control')).toBeNull();
  const stream = await ask('note?batch=1', { headers: { 'trpc-accept': 'application/jsonl' } });
  const text = await stream.text();
  expect(text).toContain('as it was');
  expect(text).not.toContain('storedAt');
});

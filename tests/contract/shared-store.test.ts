/** The shared cache as the coherence machine sees it: entries, batches, claims, and what it refuses. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { createCodec } from '../../src/cache/codec/codec.ts';
import type { Entry } from '../../src/cache/coherence/index.ts';
import { createLocalByteStore, type ByteStore } from '../../src/cache/index.ts';
import { createSharedStore } from '../../src/cache/shared-store.ts';
import { guardStore } from '../../src/cache/stores/breaker.ts';

const TTL_MS = 60_000;

afterEach(() => void vi.useRealTimers());

function open(over: Partial<ByteStore> = {}) {
  const bytes: ByteStore = { ...createLocalByteStore(), ...over };
  const refused: unknown[] = [];
  const shared = createSharedStore({
    store: guardStore(bytes),
    codec: createCodec(),
    unpack: (value) => ({ value, name: 'test', owner: undefined }),
    pack: (stored) => ({ value: 'value' in stored && stored.value, bytes: 1 }),
    onRefused: (key, error) => void refused.push([key, (error as { code?: string }).code]),
  });
  return { bytes, shared, refused };
}

function entryOf(value: unknown): Entry {
  return {
    value,
    tags: ['a'],
    provenance: { horizon: 3, known: [5] },
    storedAt: 1,
    validUntil: 2,
    staleUntil: 2,
    graceUntil: 3,
    refreshAt: Infinity,
    negative: false,
    bytes: 1,
  };
}

it('gives back an entry as it was', async () => {
  const { shared } = open();
  const entry = entryOf({ when: new Date(0), tags: new Set(['x']) });
  await shared.set('key', entry, TTL_MS);
  expect(await shared.get('key')).toEqual(entry);
  expect(await shared.get('other')).toBeUndefined();
  expect(shared.counts()).toMatchObject({ hits: 1, misses: 1, corrupt: 0 });
});

it('asks for what is wanted in one turn in one batch, and for one key once', async () => {
  const asked: (readonly string[])[] = [];
  const inner = createLocalByteStore();
  const { shared } = open({
    get: (key) => (asked.push([key]), inner.get(key)),
    getMany: (keys) => (asked.push(keys), inner.getMany(keys)),
  });
  await Promise.all(
    ['a', 'b', 'a', 'c'].map(async (key) => {
      // Readers reach the store after steps of their own.
      await Promise.resolve();
      return shared.get(key);
    }),
  );
  await shared.get('d');
  expect(asked).toEqual([['a', 'b', 'c'], ['d']]);
  await turn();
  await Promise.all(Array.from({ length: 600 }, (_, index) => shared.get(`many ${index}`)));
  expect(asked.slice(2).map((keys) => keys.length)).toEqual([256, 256, 88]);
});

it('asks for what came up meanwhile when a batch is back, and does not wait long for it', async () => {
  const asked: (readonly string[])[] = [];
  const answers: PromiseWithResolvers<undefined[]>[] = [];
  const getMany = (keys: readonly string[]) => {
    asked.push(keys);
    const answer = Promise.withResolvers<undefined[]>();
    answers.push(answer);
    return answer.promise;
  };
  const { shared } = open({ getMany, get: async (key) => (await getMany([key]))[0] });
  const reads = [shared.get('a')];
  await turn();
  reads.push(shared.get('b'), shared.get('c'));
  await turn();
  expect(asked).toEqual([['a']]);
  answers[0]!.resolve([undefined]);
  await reads[0];
  expect(asked).toEqual([['a'], ['b', 'c']]);
  // Its server says nothing.
  reads.push(shared.get('d'));
  await vi.waitFor(() => expect(asked.at(-1)).toEqual(['d']));
  for (const answer of answers) answer.resolve([undefined, undefined]);
  await Promise.all(reads);
});

it('counts what is not an entry as a miss', async () => {
  const { bytes, shared, refused } = open();
  await bytes.set('key', new TextEncoder().encode('something else'), TTL_MS);
  expect(await shared.get('key')).toBeUndefined();
  expect(shared.counts()).toMatchObject({ corrupt: 1, hits: 0 });
  expect(refused).toEqual([['key', 'foreign']]);
});

it('does not store what has no stored form or is too large, and counts it', async () => {
  const { shared, refused } = open();
  await shared.set('odd', entryOf({ constructor: 1 }), TTL_MS);
  await shared.set('large', entryOf('x'.repeat(17 * 2 ** 20)), TTL_MS);
  expect(shared.counts()).toMatchObject({ unencodable: 1, tooLarge: 1, failures: 0 });
  expect(refused).toEqual([
    ['odd', 'unencodable'],
    ['large', 'too-large'],
  ]);
});

it('keeps a claim while its holder lives, however long the load takes', async () => {
  vi.useFakeTimers();
  const { bytes, shared } = open();
  expect(await shared.claim('key', 'a', TTL_MS)).toBe(true);
  // Longer than a claim lasts that nobody renews.
  await vi.advanceTimersByTimeAsync(TTL_MS / 2);
  expect(await bytes.claim('key', 'b', TTL_MS)).toBe(false);
  await shared.release('key', 'a');
  expect(await bytes.claim('key', 'b', TTL_MS)).toBe(true);
});

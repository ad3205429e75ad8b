/**
 * What every shared store must do, whichever server keeps the bytes: called once per store.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ByteStore } from '../../src/cache/index.ts';

/** Long enough for any test, on a busy machine. */
const TTL_MS = 60_000;
/** Servers count in milliseconds and tell late; this is the shortest that a test waits out. */
const SHORT_MS = 50;

export interface StoreBed extends AsyncDisposable {
  /** Two of them are two processes on one server. */
  open(): Promise<ByteStore>;
}

export function byteStoreContract(openBed: () => Promise<StoreBed>): void {
  let bed: StoreBed;
  let store: ByteStore;
  let other: ByteStore;
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
  const textOf = (bytes: Uint8Array | undefined): string | undefined =>
    bytes && new TextDecoder().decode(bytes);

  beforeAll(async () => {
    bed = await openBed();
    [store, other] = await Promise.all([bed.open(), bed.open()]);
  });
  afterAll(async () => {
    await store?.close();
    await other?.close();
    await bed?.[Symbol.asyncDispose]();
  });

  it('answers undefined for a key that nobody has set', async () => {
    expect(await store.get(randomUUID())).toBeUndefined();
  });

  it('gives back, to another process, exactly the bytes that were set', async () => {
    for (const bytes of [new Uint8Array(), bytesOf('\0\r\n$-1'), randomBytes(300_000)]) {
      const key = randomUUID();
      await store.set(key, bytes, TTL_MS);
      expect(Buffer.from((await other.get(key))!).equals(bytes)).toBe(true);
    }
  });

  it('takes a view of larger memory for what it shows', async () => {
    const key = randomUUID();
    await store.set(key, bytesOf('before value after').subarray(7, 12), TTL_MS);
    expect(textOf(await other.get(key))).toBe('value');
  });

  it('keeps the last that was set', async () => {
    const key = randomUUID();
    await store.set(key, bytesOf('one'), TTL_MS);
    await other.set(key, bytesOf('two'), TTL_MS);
    expect(textOf(await store.get(key))).toBe('two');
  });

  it('takes any key: with spaces, separators, braces, line breaks, letters of all kinds', async () => {
    const keys = ['a b', '{a}b', '{}', 'a\r\nb', 'ключ', '"\'\\', `7.1.5.16/name:${randomUUID()}`];
    await Promise.all(keys.map((key) => store.set(key, bytesOf(key), TTL_MS)));
    expect((await other.getMany(keys)).map(textOf)).toEqual(keys);
  });

  it('answers many keys in their order, with gaps, repeats, and none at all', async () => {
    const keys = Array.from({ length: 100 }, () => randomUUID());
    await Promise.all(
      keys.filter((_, i) => i % 3).map((key) => store.set(key, bytesOf(key), TTL_MS)),
    );
    const expected = keys.map((key, i) => (i % 3 ? key : undefined));
    expect((await other.getMany(keys)).map(textOf)).toEqual(expected);
    expect((await other.getMany([keys[1]!, keys[1]!])).map(textOf)).toEqual([keys[1], keys[1]]);
    expect(await other.getMany([])).toEqual([]);
  });

  it('forgets bytes after their time, by itself', async () => {
    const key = randomUUID();
    await store.set(key, bytesOf('short'), SHORT_MS);
    await pause(2 * SHORT_MS);
    expect(await other.get(key)).toBeUndefined();
    expect(await other.getMany([key])).toEqual([undefined]);
  });

  it('takes a time that never ends, and fractions of a millisecond', async () => {
    const [endless, brief] = [randomUUID(), randomUUID()];
    await store.set(endless, bytesOf('endless'), Infinity);
    await store.set(brief, bytesOf('brief'), 59_999.5);
    expect((await other.getMany([endless, brief])).map(textOf)).toEqual(['endless', 'brief']);
  });

  it('gives a claim to one of many who ask at once', async () => {
    const key = randomUUID();
    const asked = Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? store : other).claim(key, `process ${i}`, TTL_MS),
    );
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
  });

  it('gives a claim again to its holder, and to others once it is released', async () => {
    const key = randomUUID();
    expect(await store.claim(key, 'a', TTL_MS)).toBe(true);
    expect(await store.claim(key, 'a', TTL_MS)).toBe(true);
    expect(await other.claim(key, 'b', TTL_MS)).toBe(false);
    await other.release(key, 'b');
    expect(await other.claim(key, 'b', TTL_MS)).toBe(false);
    await store.release(key, 'a');
    expect(await other.claim(key, 'b', TTL_MS)).toBe(true);
  });

  it('ends a claim whose holder died, by itself', async () => {
    const key = randomUUID();
    expect(await store.claim(key, 'a', SHORT_MS)).toBe(true);
    await pause(2 * SHORT_MS);
    expect(await other.claim(key, 'b', TTL_MS)).toBe(true);
  });

  it('lets a holder keep its claim by claiming again', async () => {
    const key = randomUUID();
    expect(await store.claim(key, 'a', SHORT_MS)).toBe(true);
    expect(await store.claim(key, 'a', TTL_MS)).toBe(true);
    await pause(2 * SHORT_MS);
    expect(await other.claim(key, 'b', TTL_MS)).toBe(false);
  });

  it('keeps claims apart from what is stored', async () => {
    const key = randomUUID();
    await store.claim(key, 'a', TTL_MS);
    expect(await store.get(key)).toBeUndefined();
    await store.set(key, bytesOf('value'), TTL_MS);
    await store.release(key, 'a');
    expect(textOf(await store.get(key))).toBe('value');
  });

  it('describes itself', async () => {
    const { kind, entries } = await store.describe();
    expect(kind).toMatch(/^(memory|redis|redis-cluster|postgres)$/);
    expect(entries).toBeGreaterThan(0);
  });
}

import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/cache/stores/memory-store.ts';
import {
  describeStore,
  type StoreBounds,
  type StoredEntry,
  type StoreUnderTest,
} from './store-contract.ts';

function create(bounds: StoreBounds): StoreUnderTest {
  return new MemoryStore<StoredEntry>({
    ...bounds,
    bytesOf: (entry) => entry.bytes,
    ownerOf: (entry) => entry.owner,
  });
}

function measureOverhead(): number {
  const store = create({ bytesMax: 10_000, ownerBytesMax: 10_000 });
  store.set('a', { id: 0, bytes: 0 });
  return store.bytes;
}

const overheadBytes = measureOverhead();

describeStore('the memory store', { create, overheadBytes });

describe('the memory store evicts by SIEVE', () => {
  function fill(keys: string) {
    const evicted: number[] = [];
    const store = create({
      bytesMax: keys.length * overheadBytes,
      ownerBytesMax: keys.length * overheadBytes,
      onEvict: (entry) => evicted.push(entry.id),
    });
    for (const key of keys) store.set(key, { id: key.charCodeAt(0), bytes: 0 });
    const evictedKeys = () => evicted.map((id) => String.fromCharCode(id)).join('');
    return { store, evictedKeys };
  }

  it('the oldest first, if nothing is read', () => {
    const { store, evictedKeys } = fill('abc');
    for (const id of [1, 2, 3]) store.set(`new${id}`, { id, bytes: 0 });
    expect(evictedKeys()).toBe('abc');
  });

  it('passing once over what was read', () => {
    const { store, evictedKeys } = fill('abc');
    store.get('a');
    store.set('d', { id: 'd'.charCodeAt(0), bytes: 0 });
    store.set('e', { id: 'e'.charCodeAt(0), bytes: 0 });
    store.set('f', { id: 'f'.charCodeAt(0), bytes: 0 });
    expect(evictedKeys()).toBe('bcd');
    expect(store.get('a')).toBeDefined();
  });

  it('everything in turn, when all is read', () => {
    const { store, evictedKeys } = fill('abc');
    for (const key of 'abc') store.get(key);
    store.set('d', { id: 'd'.charCodeAt(0), bytes: 0 });
    expect(evictedKeys()).toBe('a');
  });

  it('as many as a large entry takes, and going on where the hand\u2019s entry was deleted', () => {
    const { store, evictedKeys } = fill('abcd');
    store.get('a');
    store.set('e', { id: 'e'.charCodeAt(0), bytes: 0 });
    store.delete('c');
    store.set('f', { id: 'f'.charCodeAt(0), bytes: overheadBytes });
    expect(evictedKeys()).toBe('bd');
    expect(store.entries).toBe(3);
  });
});

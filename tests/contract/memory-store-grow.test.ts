/** What is kept beside an entry counts as the entry itself does. */
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/cache/stores/memory-store.ts';

interface Stored {
  readonly bytes: number;
  readonly owner?: string;
}

function create(bounds: { bytesMax?: number; ownerBytesMax?: number } = {}) {
  const counted = { bytes: 0 };
  const store = new MemoryStore<Stored>({
    bytesMax: 10_000,
    ownerBytesMax: 5_000,
    ...bounds,
    bytesOf: ({ bytes }) => bytes,
    ownerOf: ({ owner }) => owner,
    onAdd: (_entry, bytes) => (counted.bytes += bytes),
    onRemove: (_entry, bytes) => (counted.bytes -= bytes),
    onGrow: (_entry, bytes) => (counted.bytes += bytes),
  });
  return { store, counted };
}

describe('an entry that grows', () => {
  it('counts as much more, until it goes', () => {
    const { store, counted } = create();
    const entry = { bytes: 100 };
    store.set('a', entry);
    const before = store.bytes;
    expect(store.grow('a', entry, 50)).toBe(true);
    expect([store.bytes, counted.bytes]).toEqual([before + 50, before + 50]);
    store.delete('a');
    expect([store.bytes, counted.bytes]).toEqual([0, 0]);
  });

  it('makes others leave, as a new entry would', () => {
    const { store, counted } = create();
    const entries = Array.from({ length: 10 }, () => ({ bytes: 500 }));
    entries.forEach((entry, n) => store.set(`k${n}`, entry));
    expect(store.grow('k9', entries[9]!, 5_000)).toBe(true);
    expect(store.bytes).toBeLessThanOrEqual(10_000);
    expect(counted.bytes).toBe(store.bytes);
    expect(store.entries).toBeLessThan(10);
    expect(store.get('k9')).toBe(entries[9]);
  });

  it('stays within the quota of its owner', () => {
    const { store, counted } = create();
    const entries = Array.from({ length: 4 }, () => ({ bytes: 500, owner: 'u1' }));
    entries.forEach((entry, n) => store.set(`k${n}`, entry));
    expect(store.grow('k3', entries[3]!, 3_000)).toBe(true);
    expect(store.bytes).toBeLessThanOrEqual(5_000);
    expect(counted.bytes).toBe(store.bytes);
    expect(store.get('k3')).toBe(entries[3]);
    expect(store.grow('k3', entries[3]!, 3_000)).toBe(false);
  });

  it('is not kept where it is too large, or where the entry has gone or was replaced', () => {
    const { store } = create();
    const entry = { bytes: 100 };
    store.set('a', entry);
    const before = store.bytes;
    expect(store.grow('a', entry, 20_000)).toBe(false);
    expect(store.grow('b', entry, 1)).toBe(false);
    expect(store.grow('a', { bytes: 100 }, 1)).toBe(false);
    expect(store.bytes).toBe(before);
  });
});

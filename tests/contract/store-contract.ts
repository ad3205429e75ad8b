/**
 * What every in-process store must do, whatever it evicts first: called once per implementation.
 * Sizes are told by the entries themselves; `overheadBytes` is what the store adds to each.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

export interface StoredEntry {
  readonly id: number;
  readonly bytes: number;
  readonly owner?: string;
}

export interface StoreUnderTest {
  readonly entries: number;
  readonly bytes: number;
  get(key: string): StoredEntry | undefined;
  set(key: string, entry: StoredEntry): void;
  delete(key: string): void;
  clear(): void;
}

export interface StoreCallbacks {
  readonly onAdd: (entry: StoredEntry, bytes: number) => void;
  readonly onRemove: (entry: StoredEntry, bytes: number) => void;
  readonly onEvict: (entry: StoredEntry) => void;
}

export interface StoreBounds extends Partial<StoreCallbacks> {
  readonly bytesMax: number;
  readonly ownerBytesMax: number;
}

export interface StoreContract {
  readonly create: (bounds: StoreBounds) => StoreUnderTest;
  readonly overheadBytes: number;
}

type Step =
  | { readonly do: 'get' | 'delete'; readonly key: string }
  | { readonly do: 'set'; readonly key: string; readonly bytes: number; readonly owner?: string }
  | { readonly do: 'clear' };

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('get' as const), key }),
  {
    weight: 3,
    arbitrary: fc.record(
      {
        do: fc.constant('set' as const),
        key,
        bytes: fc.nat(1_500),
        owner: fc.constantFrom('one', 'two'),
      },
      { requiredKeys: ['do', 'key', 'bytes'] },
    ),
  },
  fc.record({ do: fc.constant('delete' as const), key }),
  { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
);

export function describeStore(name: string, { create, overheadBytes }: StoreContract): void {
  /** Room for so many empty entries. */
  const room = (count: number) => count * overheadBytes;

  describe(`${name} keeps the contract of a store in the process`, () => {
    it('gives back the very entry that was set last, until it is deleted', () => {
      const store = create({ bytesMax: room(9), ownerBytesMax: room(9) });
      const [first, second] = [
        { id: 1, bytes: 0 },
        { id: 2, bytes: 0 },
      ];
      expect(store.get('a')).toBeUndefined();
      store.set('a', first);
      store.set('b', first);
      store.set('a', second);
      expect(store.get('a')).toBe(second);
      store.delete('a');
      store.delete('a');
      expect(store.get('a')).toBeUndefined();
      expect(store.get('b')).toBe(first);
      store.clear();
      expect(store.get('b')).toBeUndefined();
      expect([store.entries, store.bytes]).toEqual([0, 0]);
    });

    it('does not keep what is larger than all its room, nor what it was to replace', () => {
      const store = create({ bytesMax: room(3), ownerBytesMax: room(2) });
      store.set('a', { id: 1, bytes: 0 });
      store.set('b', { id: 2, bytes: 0 });
      store.set('a', { id: 3, bytes: room(3) });
      expect(store.get('a')).toBeUndefined();
      expect(store.get('b')).toBeDefined();
      store.set('b', { id: 4, bytes: room(2), owner: 'one' });
      expect(store.entries).toBe(0);
    });

    it('makes room for one owner out of that owner\u2019s entries alone, also when it is full', () => {
      const store = create({ bytesMax: room(4), ownerBytesMax: room(2) });
      store.set('mine', { id: 1, bytes: 0 });
      store.set('theirs', { id: 2, bytes: 0, owner: 'two' });
      for (const id of [3, 4, 5, 6, 7]) store.set(`one-${id}`, { id, bytes: 0, owner: 'one' });
      expect(store.get('mine')).toBeDefined();
      expect(store.get('theirs')).toBeDefined();
      expect(store.get('one-7')).toBeDefined();
      expect(store.entries).toBe(4);
    });

    it('keeps what is read over what is not', () => {
      const store = create({ bytesMax: room(8), ownerBytesMax: room(8) });
      store.set('hot', { id: 0, bytes: 0 });
      for (let id = 1; id <= 200; id += 1) {
        store.set(`scan-${id}`, { id, bytes: 0 });
        expect(store.get('hot')).toBeDefined();
      }
    });

    it('stays within its bounds and counts right after any sequence of calls', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
          checkSequence(steps, { create, overheadBytes });
        }),
        { numRuns: 300 },
      );
    });
  });
}

/** The model: what was set last, and who was told to have gone. It leaves open who is evicted. */
function checkSequence(steps: readonly Step[], { create, overheadBytes }: StoreContract): void {
  const bounds = { bytesMax: 8 * overheadBytes, ownerBytesMax: 5 * overheadBytes };
  const present = new Map<number, { key: string; bytes: number; owner: string | undefined }>();
  const evicted: number[] = [];
  let counted = 0;
  const store = create({
    ...bounds,
    onAdd: (_entry, bytes) => (counted += bytes),
    onRemove(entry, bytes) {
      counted -= bytes;
      expect(present.delete(entry.id)).toBe(true);
    },
    onEvict: (entry) => evicted.push(entry.id),
  });
  for (const [id, action] of steps.entries()) {
    if (action.do === 'clear') {
      store.clear();
      expect(present.size).toBe(0);
    } else if (action.do === 'set') {
      const bytes = action.bytes + overheadBytes;
      const fits =
        bytes <= bounds.bytesMax && (action.owner === undefined || bytes <= bounds.ownerBytesMax);
      const { key: name, owner } = action;
      store.set(name, { id, bytes: action.bytes, ...(owner === undefined ? {} : { owner }) });
      expect(store.get(name)?.id).toBe(fits ? id : undefined);
      if (fits) present.set(id, { key: name, bytes, owner });
    } else if (action.do === 'delete') {
      const before = present.size;
      const had = store.get(action.key) !== undefined;
      store.delete(action.key);
      expect(present.size).toBe(before - (had ? 1 : 0));
      expect(store.get(action.key)).toBeUndefined();
    } else {
      const expected = [...present].find(([, cell]) => cell.key === action.key)?.[0];
      expect(store.get(action.key)?.id).toBe(expected);
    }
    const total = (owner?: string) =>
      [...present.values()]
        .filter((cell) => owner === undefined || cell.owner === owner)
        .reduce((sum, cell) => sum + cell.bytes, 0);
    expect(store.entries).toBe(present.size);
    expect(store.bytes).toBe(total());
    expect(counted).toBe(total());
    expect(store.bytes).toBeLessThanOrEqual(bounds.bytesMax);
    for (const owner of ['one', 'two']) {
      expect(total(owner)).toBeLessThanOrEqual(bounds.ownerBytesMax);
    }
  }
  expect(new Set(evicted).size).toBe(evicted.length);
  for (const id of evicted) expect(present.has(id)).toBe(false);
}

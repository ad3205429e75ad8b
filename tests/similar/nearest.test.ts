import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NearestIndex } from '../../src/cache/similar/index.ts';
import { seeded } from '../bench/decisions/data.ts';

const DIMENSIONS = 6;

it('finds the nearest of what is there, whatever was added and removed before', () => {
  const change = fc.record({ id: fc.nat(30), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 150 }), fc.nat(), (changes, seed) => {
      const random = seeded(seed);
      const vector = () => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);
      const index = new NearestIndex();
      const there = new Map<string, Float32Array>();
      for (const { id, remove } of changes) {
        const name = String(id);
        if (remove || there.has(name)) {
          index.remove(name);
          there.delete(name);
        } else {
          const added = vector();
          index.add(name, added);
          there.set(name, added);
        }
      }
      const wanted = vector();
      const cosineOf = (of: Float32Array) => of.reduce((sum, x, at) => sum + x * wanted[at]!, 0);
      const all = Array.from(there, ([id, of]) => ({ id, cosine: cosineOf(of) }));
      const expected = all.toSorted((a, b) => b.cosine - a.cosine).slice(0, 5);
      const found = index.nearest(wanted, 5);
      expect(index.size).toBe(there.size);
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      for (const [at, { cosine }] of found.entries()) {
        expect(cosine).toBeCloseTo(expected[at]!.cosine, 5);
      }
    }),
  );
});

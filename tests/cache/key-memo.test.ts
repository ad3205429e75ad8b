/** A key that was found again is the key that would have been made. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyMemo } from '../../src/cache/key-memo.ts';
import { keyOf } from '../../src/cache/key.ts';

/** Few values of each kind, so that arguments often differ in one place only. */
const primitive = fc.constantFrom<unknown>(
  '',
  'a',
  '1',
  'x'.repeat(200),
  1,
  0,
  -0,
  Number.NaN,
  true,
  false,
  null,
  undefined,
  1n,
);
const property = fc.constantFrom('a', 'b', '1', '__proto__', '');
const { object } = fc.letrec<{ object: unknown; value: unknown }>((tie) => ({
  object: fc.dictionary(property, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 4 }, primitive, tie('object'), fc.array(primitive)),
}));
const args = fc.oneof({ weight: 4, arbitrary: object }, primitive, fc.array(primitive));

const makeKey = (given: unknown): string =>
  keyOf({ version: '1', name: 'cache', scope: 'public', args: given });

describe('the memo of keys', () => {
  it('gives every arguments the key that is made of them, at first and again', () => {
    fc.assert(
      fc.property(fc.array(args, { minLength: 1, maxLength: 40 }), (all) => {
        const memo = new KeyMemo(makeKey);
        for (const given of [...all, ...all]) expect(memo.keyOf(given)).toBe(makeKey(given));
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells apart what only differs in where an object ends', () => {
    const memo = new KeyMemo(makeKey);
    const all = [
      { a: { b: 1 }, c: 2 },
      { a: { b: 1, c: 2 } },
      { a: { b: 1 } },
      { a: { b: { c: 2 } } },
      { a: { b: {} }, c: 2 },
      { a: { b: {}, c: 2 } },
      { a: { b: { d: 1 } }, c: 2 },
      { a: { b: { d: 1 }, c: 2 } },
      { a: { b: { d: 1, c: 2 } } },
      { a: {}, b: 1, c: 2 },
      { a: undefined, b: 1, c: 2 },
    ];
    for (const given of [...all, ...all]) expect(memo.keyOf(given)).toBe(makeKey(given));
    expect(new Set(all.map((given) => memo.keyOf(given))).size).toBe(all.length);
  });

  it('makes the key of the same arguments once, nested ones too', () => {
    let made = 0;
    const memo = new KeyMemo((given: unknown) => {
      made += 1;
      return makeKey(given);
    });
    for (let turn = 0; turn < 3; turn += 1) {
      memo.keyOf({ input: { projectId: 'p', sceneId: 's' }, userId: 'u' });
      memo.keyOf({ input: { projectId: 'p', sceneId: 't' }, userId: 'u' });
    }
    expect(made).toBe(2);
  });

  it('keeps giving true keys when it has had to forget', () => {
    const memo = new KeyMemo(makeKey);
    for (let id = 0; id < 30_000; id += 1) memo.keyOf({ id });
    expect(memo.keyOf({ id: 3 })).toBe(makeKey({ id: 3 }));
  });

  it('passes on what makes no key, each time', () => {
    const memo = new KeyMemo(makeKey);
    const wrong = { id: () => 1 };
    expect(() => memo.keyOf(wrong)).toThrow('may not hold a function');
    expect(() => memo.keyOf(wrong)).toThrow('may not hold a function');
  });
});

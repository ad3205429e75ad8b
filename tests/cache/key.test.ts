import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, keyOf, nameOfKey } from '../../src/cache/key.ts';
import { arbitraryValue, isSame, rebuilt } from './values.ts';

const partsOf = (args: unknown) => ({ version: '1', name: 'scene.list', scope: 'public', args });

describe('the canonical text', () => {
  it('is shared by two values if and only if they are equal', () => {
    fc.assert(
      fc.property(arbitraryValue, arbitraryValue, (a, b) => {
        expect(canonical(a) === canonical(b)).toBe(isSame(a, b));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not depend on the order of properties, nor of members of sets and maps', () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        expect(canonical(rebuilt(value))).toBe(canonical(value));
      }),
      { numRuns: 500 },
    );
  });

  it('takes an undefined property for an absent one, and an undefined element for an element', () => {
    expect(canonical({ a: 1, b: undefined })).toBe(canonical({ a: 1 }));
    expect(canonical([1, undefined])).not.toBe(canonical([1]));
    expect(canonical({ a: null })).not.toBe(canonical({}));
  });

  it.each([
    ['1', 1],
    [1, 1n],
    [0, -0],
    [null, undefined],
    [NaN, null],
    [true, 'true'],
    [[], {}],
    [new Set([1]), [1]],
    [new Map([[1, 2]]), new Set([[1, 2]])],
    [new Map([['a', 1]]), { a: 1 }],
    [new Date(5), 5],
    [new Date(NaN), NaN],
    [new Uint8Array([1]), [1]],
    [
      ['a', 'b'],
      ['a","b', ''],
    ],
    [['ab'], ['a', 'b']],
    [{ a: { b: 1 } }, { a: {}, b: 1 }],
    [JSON.parse('{"__proto__":1}'), {}],
  ])('tells %o from %o', (a, b) => {
    expect(canonical(a)).not.toBe(canonical(b));
  });

  it('is the same for bytes in a Buffer', () => {
    expect(canonical(Buffer.from('abc'))).toBe(canonical(new TextEncoder().encode('abc')));
  });
});

describe('arguments that have no canonical text are refused', () => {
  class Point {
    x = 1;
  }
  const circle: Record<string, unknown> = {};
  circle['self'] = { circle };
  const deep = Array.from({ length: 65 }).reduce((inner) => [inner], []);

  it.each([
    ['functions', () => 1, /a function/],
    ['symbols', Symbol('s'), /a symbol/],
    ['instances of classes', new Point(), /a Point/],
    ['objects with a nameless prototype', Object.create(Object.create(null)), /a prototype/],
    ['other binary than bytes', new Float64Array(1), /a Float64Array/],
    ['regular expressions', /x/, /a RegExp/],
    ['cycles', circle, /circular/],
    ['endless nesting', deep, /deeper than 64/],
  ])('%s', (_what, args, message) => {
    expect(() => keyOf(partsOf({ args }))).toThrow(
      expect.objectContaining({ code: 'key', message: expect.stringMatching(message) as string }),
    );
  });
});

describe('a key', () => {
  it('is the name and a whole SHA-256', () => {
    const key = keyOf(partsOf({ id: 1 }));
    expect(key).toMatch(/^scene\.list:[\w-]{43}$/);
    expect(nameOfKey(key)).toBe('scene.list');
    expect(nameOfKey(keyOf({ ...partsOf(1), name: 'a:b' }))).toBe('a:b');
  });

  it('differs between versions, names and scopes, however they are put together', () => {
    const parts = fc.record({
      version: fc.constantFrom('1', '11', ''),
      name: fc.constantFrom('a', 'a:1', '1a'),
      scope: fc.constantFrom('public', 'user:1', 'user:11', 'user:1"', ''),
      args: fc.constantFrom<unknown>(undefined, null, '', 1, 'user:1', ['1', 'a'], {}),
    });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(isSame(a, b));
      }),
      { numRuns: 500 },
    );
  });

  it('differs between unpaired surrogates, which UTF-8 cannot tell apart', () => {
    const keys = ['\ud800', '\ud801', '\ufffd'].map((text) => keyOf(partsOf({ text })));
    expect(new Set(keys).size).toBe(3);
  });
});

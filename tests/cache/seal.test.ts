import fc from 'fast-check';
import superjson from 'superjson';
import { describe, expect, it } from 'vitest';
import { seal, unseal } from '../../src/cache/seal.ts';
import { arbitraryValue, isSame, rebuilt } from './values.ts';

/** Tries every change that a caller could write, everywhere; what throws has been refused. */
function vandalise(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const attempt = (change: () => unknown) => {
    try {
      change();
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
  };
  if (value instanceof Date) {
    attempt(() => value.setTime(99));
    attempt(() => value.setUTCFullYear(1990));
    return;
  }
  if (value instanceof Uint8Array) {
    value.fill(99);
    return;
  }
  if (value instanceof Map) {
    for (const [key, item] of Array.from(value)) {
      vandalise(key, seen);
      vandalise(item, seen);
      attempt(() => value.set(key, 99));
    }
    attempt(() => value.set('new', 99));
    attempt(() => value.clear());
  }
  if (value instanceof Set) {
    for (const item of value) vandalise(item, seen);
    attempt(() => value.add('new'));
    attempt(() => value.clear());
  }
  if (Array.isArray(value)) {
    attempt(() => value.push(99));
    attempt(() => value.reverse());
    attempt(() => (value.length = 0));
  }
  const object = value as Record<string, unknown>;
  for (const name of Object.keys(value)) {
    vandalise(object[name], seen);
    attempt(() => Object.defineProperty(object, name, { value: 99 }));
    attempt(() => delete object[name]);
  }
  attempt(() => (object['new'] = 99));
  attempt(() => Object.setPrototypeOf(value, null));
}

/** Undefined for what superjson refuses to carry: properties named `__proto__` and the like. */
function onTheWire(value: unknown): string | undefined {
  try {
    return superjson.stringify(value);
  } catch {
    return undefined;
  }
}

describe('a sealed value', () => {
  it('is what it was, for its readers and behind superjson', () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const original = rebuilt(value);
        const expected = onTheWire(original);
        const read = unseal(seal(original));
        expect(isSame(read, value)).toBe(true);
        expect(onTheWire(read)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('cannot be changed by one caller for the next', () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const sealed = seal(rebuilt(value));
        vandalise(unseal(sealed));
        expect(isSame(unseal(sealed), value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('says what is wrong when a caller tries', () => {
    const { value } = seal({
      list: [1],
      at: new Date(0),
      names: new Set(['a']),
      ages: new Map([['a', 1]]),
    });
    expect(() => value.list.push(2)).toThrow(TypeError);
    expect(() => value.at.setHours(1)).toThrow(/immutable; copy it/);
    expect(() => value.names.add('b')).toThrow(/immutable/);
    expect(() => value.ages.set('a', 2)).toThrow(/immutable/);
    expect(() => value.ages.delete('a')).toThrow(/immutable/);
    expect(() => Object.assign(value, { list: [] })).toThrow(TypeError);
  });

  it('still is a Date, a Map or a Set', () => {
    const { value } = seal({ at: new Date(7), names: new Set(['a']), ages: new Map([['a', 1]]) });
    expect(value.at).toBeInstanceOf(Date);
    expect(value.at.getTime()).toBe(7);
    expect(JSON.stringify(value.at)).toBe('"1970-01-01T00:00:00.007Z"');
    expect(new Date(value.at)).toEqual(new Date(7));
    expect(value.at < new Date(8)).toBe(true);
    expect(value.names).toBeInstanceOf(Set);
    expect([...value.names.union(new Set(['b']))]).toEqual(['a', 'b']);
    expect(value.ages).toBeInstanceOf(Map);
    expect(value.ages.get('a')).toBe(1);
    expect(new Map(value.ages).set('b', 2).size).toBe(2);
    expect(value).toStrictEqual({
      at: new Date(7),
      names: new Set(['a']),
      ages: new Map([['a', 1]]),
    });
    expect(superjson.parse(superjson.stringify(value))).toEqual(value);
    const copy = structuredClone(value);
    copy.ages.set('b', 2);
    copy.at.setTime(1);
    expect(copy.ages.size).toBe(2);
  });

  it('may be sealed again, alone or inside another', () => {
    const { value } = seal({ at: new Date(0), of: new Map([[new Set([1]), [new Date(1)]]]) });
    const again = seal({ value, first: value.at });
    expect(again.value.value).toBe(value);
    expect(seal(value).bytes).toBe(seal(rebuilt(value)).bytes);
  });

  it('may have cycles', () => {
    const parent: { name: string; children: unknown[] } = { name: 'parent', children: [] };
    parent.children.push({ parent }, new Map([['parent', parent]]));
    const { value, bytes } = seal(parent);
    expect(value.children[0]).toEqual({ parent });
    expect(bytes).toBeLessThan(1_000);
    const withBytes: { self?: unknown; data: Uint8Array } = { data: new Uint8Array([1]) };
    withBytes.self = withBytes;
    const copy = unseal(seal(withBytes));
    expect(copy).not.toBe(withBytes);
    expect(copy.self).toBe(copy);
  });

  it('may be long', () => {
    const { value, bytes } = seal(Array.from({ length: 300_000 }, (_, index) => ({ index })));
    expect(Object.isFrozen(value[299_999])).toBe(true);
    expect(bytes).toBeGreaterThan(300_000 * 40);
  });
});

describe('bytes', () => {
  it('are copied for each caller', () => {
    const sealed = seal({ list: [{ data: new Uint8Array([1, 2]) }], at: new Date(0) });
    const [first, second] = [unseal(sealed), unseal(sealed)];
    first.list[0]!.data[0] = 99;
    expect(second.list[0]!.data).toEqual(new Uint8Array([1, 2]));
    expect(unseal(sealed).list[0]!.data).toEqual(new Uint8Array([1, 2]));
    expect(() => second.list.push({ data: new Uint8Array() })).toThrow(TypeError);
    expect(() => second.at.setTime(1)).toThrow(/immutable/);
  });

  it('are copied out of a Buffer, whose own slice shares its memory, and reach superjson', () => {
    const sealed = seal({ data: Buffer.from([1, 2]) });
    const first = unseal(sealed);
    first.data[0] = 99;
    expect([...unseal(sealed).data]).toEqual([1, 2]);
    expect(superjson.parse(superjson.stringify(unseal(sealed)))).toEqual({
      data: new Uint8Array([1, 2]),
    });
  });

  it('are found as keys of maps and members of sets, and in other views', () => {
    const sealed = seal(
      new Map<unknown, unknown>([
        [new Uint8Array([1]), new Set([new Uint8Array([2])])],
        ['view', new DataView(new ArrayBuffer(2))],
        ['floats', new Float64Array([1.5])],
      ]),
    );
    vandalise(unseal(sealed));
    (unseal(sealed).get('floats') as Float64Array)[0] = 9;
    (unseal(sealed).get('view') as DataView).setInt8(0, 9);
    expect(unseal(sealed)).toEqual(
      new Map<unknown, unknown>([
        [new Uint8Array([1]), new Set([new Uint8Array([2])])],
        ['view', new DataView(new ArrayBuffer(2))],
        ['floats', new Float64Array([1.5])],
      ]),
    );
  });
});

describe('what can be neither frozen nor copied is refused', () => {
  class Counter {
    #count = 0;
    increment() {
      return (this.#count += 1);
    }
  }
  class Names extends Set<string> {}
  const deep = (levels: number) =>
    Array.from({ length: levels }).reduce<unknown>((inner) => ({ inner }), {});

  it.each([
    ['instances of classes', new Counter(), /a Counter/],
    ['classes that extend a built-in', new Names(), /a Set/],
    ['promises, which are a missing await', Promise.resolve(1), /a Promise/],
    ['URLs', new URL('http://a.example'), /a URL/],
    ['functions', () => 1, /a function/],
    ['symbols', Symbol('s'), /a symbol/],
    ['raw buffers', new ArrayBuffer(1), /a ArrayBuffer/],
    ['frozen dates, whose time could still be set', Object.freeze(new Date()), /frozen already/],
    ['getters', Object.defineProperty({}, 'a', { get: () => [], enumerable: true }), /a getter/],
    ['what is nested deeper than superjson goes', deep(10_000), /deeper than 500/],
  ])('%s', (_what, value, message) => {
    expect(() => seal({ in: [value] }, 'scene.list')).toThrow(
      expect.objectContaining({
        code: 'definition',
        message: expect.stringMatching(message) as string,
      }),
    );
    expect(() => seal({ in: [value] }, 'scene.list')).toThrow(/^scene\.list: /);
  });

  it('but not what a database driver answers: arrays with properties, rows without a prototype', () => {
    class Result extends Array<unknown> {
      count = 1;
    }
    const row: object = Object.assign(Object.create(null) as object, { id: 1 });
    const { value } = seal(Result.from([row]));
    expect([...value]).toEqual([{ id: 1 }]);
    expect(Object.isFrozen(row)).toBe(true);
    expect(() => seal(deep(400))).not.toThrow();
  });
});

describe('the size estimate', () => {
  const bytesOf = (value: unknown) => seal(value).bytes;

  it('grows with what is added', () => {
    fc.assert(
      fc.property(arbitraryValue, arbitraryValue, (a, b) => {
        expect(bytesOf([rebuilt(a), rebuilt(b)])).toBeGreaterThan(bytesOf([rebuilt(a)]));
      }),
    );
  });

  it('counts texts, bytes and long names by their length', () => {
    expect(bytesOf('x'.repeat(1_000)) - bytesOf('')).toBe(2_000);
    expect(bytesOf(new Uint8Array(1_000)) - bytesOf(new Uint8Array())).toBe(1_000);
    expect(bytesOf({ ['x'.repeat(1_000)]: 1 })).toBeGreaterThan(2_000);
  });

  it('counts a shared part, and a name that many objects have, once', () => {
    const shared = { text: 'x'.repeat(1_000) };
    expect(bytesOf([shared, shared])).toBeLessThan(2_500);
    const name = 'x'.repeat(1_000);
    expect(bytesOf([{ [name]: 1 }, { [name]: 1 }])).toBeLessThan(2_500);
  });
});

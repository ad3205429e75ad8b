/**
 * Values for properties: everything that a cache carries (C5), nested, with texts that would break
 * a careless encoding. `arbitraryValue` makes fresh objects each time; `rebuilt` copies one, with
 * properties in another order.
 */
import fc from 'fast-check';

const trickyText = fc.constantFrom(
  '',
  ':',
  '"',
  '1:',
  '"1:a',
  ';',
  '}',
  ']{',
  '#1;',
  'u',
  't',
  '0',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  '\udfff',
  '\ufffd',
  'é',
  'e\u0301',
  '💡',
);

const scalar = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    false,
    NaN,
    -0,
    0,
    1,
    -1,
    Infinity,
    -Infinity,
    1n,
    0n,
    -1n,
  ),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string(),
  trickyText,
  fc.integer({ min: 0, max: 4 }).map((ms) => new Date(ms)),
  fc.uint8Array({ maxLength: 4 }),
);

const arbitraryName = fc.oneof(fc.constantFrom('a', 'b', '__proto__', '1', ''), trickyText);

export const arbitraryValue: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown; leaf: unknown }>(
  (tie) => ({
    leaf: scalar,
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      tie('leaf'),
      fc.array(tie('node'), { maxLength: 4 }),
      fc
        .uniqueArray(fc.tuple(arbitraryName, tie('node')), {
          selector: ([name]) => name,
          maxLength: 4,
        })
        .map(plainObject),
      fc.array(tie('node'), { maxLength: 3 }).map((items) => new Set(items)),
      fc.array(fc.tuple(tie('node'), tie('node')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    ),
  }),
).node;

/** With own properties whatever their names: `__proto__` too. */
function plainObject(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries);
}

/** An equal value that shares nothing with the given one; properties, and members of sets and maps, come in reverse. */
export function rebuilt(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebuilt);
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Set) return new Set([...value].toReversed().map(rebuilt));
  if (value instanceof Map) {
    return new Map(
      [...value].toReversed().map(([key, item]) => [rebuilt(key), rebuilt(item)] as const),
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  return plainObject(
    Object.entries(value)
      .toReversed()
      .map(([name, item]) => [name, rebuilt(item)]),
  );
}

/** Equality by another road than the code's: what superjson and a reader would call the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof Set) return isSameBag([...a], [...(b as Set<unknown>)]);
  if (a instanceof Map) return isSameBag([...a], [...(b as Map<unknown, unknown>)]);
  if (Array.isArray(a) || a instanceof Uint8Array) {
    const [left, right] = [Array.from(a as unknown[]), Array.from(b as unknown[])];
    return left.length === right.length && left.every((item, index) => isSame(item, right[index]));
  }
  const present = (value: object) => Object.entries(value).filter(([, item]) => item !== undefined);
  return isSameBag(present(a), present(b));
}

/** The same members in any order, each as often. */
function isSameBag(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((item) => {
    const index = left.findIndex((other) => isSame(item, other));
    if (index < 0) return false;
    left.splice(index, 1);
    return true;
  });
}

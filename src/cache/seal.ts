/**
 * Makes a loaded value safe to hand to everybody: frozen in depth, in place, so that no caller can
 * change what the next one gets. One walk also estimates its size.
 *
 * Dates, Maps and Sets keep their contents in slots that `Object.freeze` does not reach: they get a
 * prototype whose mutators throw (`instanceof`, `constructor` and superjson see no difference; only
 * `Map.prototype.set.call(…)` gets past it, which nobody writes by mistake). Bytes cannot be frozen
 * at all: a value that holds any is copied for each caller (`unseal`). What can be neither frozen
 * nor copied is refused with `CacheError` 'definition': instances of classes, functions, getters.
 */
import { CacheError } from './errors.ts';

/** What a property or an array place takes beside its value; V8's pointers and headers, roughly. */
const SLOT_BYTES = 8;
const OBJECT_BYTES = 32;

/** Deeper values are refused: superjson, which carries them to clients, ends below 2,000 levels. */
const DEPTH_MAX = 500;

export interface Sealed<V> {
  readonly value: V;
  /** Estimated size on the heap. */
  readonly bytes: number;
  readonly hasBinary: boolean;
}

/** @param name  of the cache, for the message of a refusal */
export function seal<V>(value: V, name = 'a cache'): Sealed<V> {
  const walk = {
    name,
    bytes: 0,
    hasBinary: false,
    seen: new Set<object>(),
    properties: new Set<string>(),
  };
  sealInto(value, walk, 0);
  return { value, bytes: walk.bytes, hasBinary: walk.hasBinary };
}

/** The value for one caller: itself, or a copy where it holds bytes. */
export function unseal<V>(sealed: Sealed<V>): V {
  return sealed.hasBinary ? seal(copyBinary(sealed.value, new Map()) as V).value : sealed.value;
}

interface Walk {
  readonly name: string;
  bytes: number;
  hasBinary: boolean;
  readonly seen: Set<object>;
  /** V8 keeps each name once, however many objects have it. */
  readonly properties: Set<string>;
}

function sealInto(value: unknown, walk: Walk, depth: number): void {
  walk.bytes += SLOT_BYTES;
  if (typeof value === 'string') walk.bytes += value.length * 2;
  if (typeof value === 'bigint') walk.bytes += OBJECT_BYTES;
  if (typeof value === 'function' || typeof value === 'symbol') refuse(walk, `a ${typeof value}`);
  if (typeof value !== 'object' || value === null || walk.seen.has(value)) return;
  if (depth > DEPTH_MAX) refuse(walk, `anything nested deeper than ${DEPTH_MAX} levels`);
  walk.seen.add(value);
  walk.bytes += OBJECT_BYTES;
  if (ArrayBuffer.isView(value)) {
    walk.bytes += value.byteLength;
    walk.hasBinary = true;
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) sealInto(item, walk, depth + 1);
  } else {
    guardSlots(value, walk, depth);
    sealProperties(value, walk, depth);
  }
  Object.freeze(value);
}

/** Contents of a Map or a Set are sealed too; a Date has none. */
function guardSlots(value: object, walk: Walk, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return;
  const guard = guards.find(({ open, frozen }) => prototype === open || prototype === frozen);
  if (!guard) refuse(walk, `a ${nameOfClass(value)}`);
  if (value instanceof Map) {
    for (const [key, item] of value) {
      sealInto(key, walk, depth + 1);
      sealInto(item, walk, depth + 1);
    }
  } else if (value instanceof Set) {
    for (const item of value) sealInto(item, walk, depth + 1);
  }
  if (prototype === guard.frozen) return;
  if (!Object.isExtensible(value)) refuse(walk, `a ${nameOfClass(value)} that is frozen already`);
  Object.setPrototypeOf(value, guard.frozen);
}

function sealProperties(value: object, walk: Walk, depth: number): void {
  for (const name of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, name);
    if (property?.get || property?.set) refuse(walk, `a getter or setter (${name})`);
    walk.bytes += SLOT_BYTES;
    if (!walk.properties.has(name)) {
      walk.properties.add(name);
      walk.bytes += name.length * 2;
    }
    sealInto(property?.value, walk, depth + 1);
  }
}

function refuse(walk: Walk, what: string): never {
  throw new CacheError('definition', `${walk.name}: a cached value may not hold ${what}`);
}

function nameOfClass(value: object): string {
  return Object.prototype.toString.call(value) === '[object Object]'
    ? ((value.constructor as { name?: string } | undefined)?.name ?? 'object with a prototype')
    : Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** `copies` keeps cycles and shared parts what they are. */
function copyBinary(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const known = copies.get(value);
  if (known) return known;
  const copy = emptyLike(value);
  copies.set(value, copy);
  if (Array.isArray(value)) {
    for (const item of value) (copy as unknown[]).push(copyBinary(item, copies));
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      (copy as typeof value).set(copyBinary(key, copies), copyBinary(item, copies));
    }
  } else if (value instanceof Set) {
    for (const item of value) (copy as typeof value).add(copyBinary(item, copies));
  } else if (!ArrayBuffer.isView(value)) {
    for (const [name, item] of Object.entries(value)) {
      // Defined, not assigned: a property may be named __proto__.
      Object.defineProperty(copy, name, {
        value: copyBinary(item, copies),
        enumerable: true,
      });
    }
  }
  return copy;
}

function emptyLike(value: object): object {
  // Buffer's own `slice` shares the memory; and superjson can't read a Buffer back.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  if (Array.isArray(value)) return [];
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  return Object.create(Object.getPrototypeOf(value) as object | null) as object;
}

function withoutMutators(open: object, names: readonly string[]) {
  const mutator = {
    value() {
      throw new TypeError('a cached value is immutable; copy it to change it');
    },
  };
  const properties = Object.fromEntries(names.map((name) => [name, mutator]));
  return { open, frozen: Object.create(open, properties) as object };
}

const guards = [
  withoutMutators(
    Date.prototype,
    Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set')),
  ),
  // The last two are in newer engines.
  withoutMutators(Map.prototype, ['set', 'delete', 'clear', 'getOrInsert', 'getOrInsertComputed']),
  withoutMutators(Set.prototype, ['add', 'delete', 'clear']),
];

/**
 * Keys: the SHA-256 of cache version, cache name, scope and canonical arguments, so that one
 * scope's entry can never be another's, whatever the arguments hold.
 *
 * Key grammar: `<cache name>:<43 characters of base64url>`. The digest is whole: a truncated one
 * would let a caller who picks arguments meet somebody else's entry.
 * Canonical text: every value is written with its type and, where it is text, its length, so that
 * different values never share a text. Properties are sorted; an undefined property is an absent
 * one, as in JSON. Throws `CacheError` 'key' for values that have no canonical text.
 */
import { hash } from 'node:crypto';
import { CacheError } from './errors.ts';

/** Deeper arguments are refused: they are a mistake or an attack. */
const DEPTH_MAX = 64;

export interface KeyParts {
  /** Bumped when the shape of cached values changes: two deployments then run side by side. */
  readonly version: string;
  readonly name: string;
  /** Who may be answered from the entry, e.g. `public`, `user:7`, `project:42`. */
  readonly scope: string;
  readonly args: unknown;
}

export function keyOf({ version, name, scope, args }: KeyParts): string {
  const text = canonical([version, name, scope, args]);
  // Not as UTF-8, which makes one character of all unpaired surrogates.
  return `${name}:${hash('sha256', Buffer.from(text, 'utf16le'), 'base64url')}`;
}

export function nameOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf(':'));
}

export function canonical(value: unknown, depth = 0): string {
  if (depth > DEPTH_MAX) {
    throw new CacheError(
      'key',
      `arguments are nested deeper than ${DEPTH_MAX} levels, or circular`,
    );
  }
  switch (typeof value) {
    case 'string':
      return `"${value.length}:${value}`;
    case 'number':
      return Object.is(value, -0) ? '#-0;' : `#${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'bigint':
      return `n${value};`;
    case 'object':
      return value === null ? '0' : canonicalObject(value, depth + 1);
    default:
      throw new CacheError('key', `arguments may not hold a ${typeof value}`);
  }
}

function canonicalObject(value: object, depth: number): string {
  // `from` and not `map`, which passes over holes.
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item) => canonical(item, depth)).join('')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // Before all others, and without lists in between: nearly all arguments are such.
  if (prototype === Object.prototype || prototype === null) return canonicalRecord(value, depth);
  if (value instanceof Date) return `d${value.getTime()};`;
  if (value instanceof Set)
    return `s${[...value]
      .map((item) => canonical(item, depth))
      .sort()
      .join('')};`;
  if (value instanceof Map) {
    const pairs = Array.from(value, ([k, v]) => canonical(k, depth) + canonical(v, depth));
    return `m${pairs.sort().join('')};`;
  }
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('base64')};`;
  throw new CacheError('key', `arguments may not hold a ${nameOfClass(value)}`);
}

function canonicalRecord(value: object, depth: number): string {
  let text = '{';
  for (const name of Object.keys(value).sort()) {
    const property = (value as Record<string, unknown>)[name];
    if (property !== undefined) text += canonical(name) + canonical(property, depth);
  }
  return `${text}}`;
}

function nameOfClass(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : 'object with a prototype';
}

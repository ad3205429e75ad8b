/**
 * Whether a value can be stored and given out again. PostgreSQL has no NUL in texts. superjson writes
 * no object with a field that could be taken for a prototype: stored once, such a field would fail
 * every later read of what it is part of. And what is nested too deeply is beyond the stack of who
 * reads it.
 *
 * Half of a surrogate pair, which PostgreSQL has in no JSON, is no reason: whoever cuts a text in the
 * middle of an emoji makes one. `wellFormed` puts U+FFFD in its place, as texts get it anyway.
 */
export interface Unstorable {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Far more than a person nests, and far less than any reader's stack. */
const NESTING_MAX = 100;
const RESERVED_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** The first reason against it; undefined if it is storable. */
export function whyUnstorable(value: unknown): Unstorable | undefined {
  const message = typeof value === 'string' ? whyNoText(value) : undefined;
  if (message !== undefined) return { path: [], message };
  return isContainer(value) ? whyNoContainer(value, []) : undefined;
}

export function isReservedName(name: string): boolean {
  return RESERVED_NAMES.has(name);
}

type Container = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Dates, bytes and the like have nothing inside that could be wrong. */
function isContainer(value: unknown): value is Container {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** @param path  of the container; as it was when this returns undefined */
function whyNoContainer(container: Container, path: (string | number)[]): Unstorable | undefined {
  if (path.length >= NESTING_MAX) {
    return { path: [...path], message: `Nested too deeply: at most ${NESTING_MAX} levels` };
  }
  const isList = Array.isArray(container);
  for (const [name, value] of Object.entries(container)) {
    path.push(isList ? Number(name) : name);
    const message =
      (isList ? undefined : whyNoName(name)) ??
      (typeof value === 'string' ? whyNoText(value) : undefined);
    if (message !== undefined) return { path: [...path], message };
    const inside = isContainer(value) ? whyNoContainer(value, path) : undefined;
    if (inside) return inside;
    path.pop();
  }
  return undefined;
}

function whyNoName(name: string): string | undefined {
  if (isReservedName(name)) return `Nothing can be called ${name}`;
  return whyNoText(name);
}

function whyNoText(text: string): string | undefined {
  return text.includes('\0') ? 'Text cannot have the character U+0000' : undefined;
}

/** The same value where all of its text is well-formed. It is storable. */
export function wellFormed<Value>(value: Value): Value {
  return repaired(value) as Value;
}

function repaired(value: unknown): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (!isContainer(value)) return value;
  const before = Object.entries(value);
  const after = before.map(([name, field]) => [name.toWellFormed(), repaired(field)] as const);
  const same = after.every(([name, field], at) => {
    const [nameBefore, fieldBefore] = before[at]!;
    return name === nameBefore && field === fieldBefore;
  });
  if (same) return value;
  return Array.isArray(value) ? after.map(([, field]) => field) : Object.fromEntries(after);
}

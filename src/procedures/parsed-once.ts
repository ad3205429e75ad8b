/**
 * An input schema that remembers what it made of an input: the wire path gives the same frozen
 * object to all requests for one URL, and validating it anew each time costs more than the rest of a
 * hit. Only for cached queries: their input is a key, so that parsing it must give the same each
 * time anyway.
 *
 * What is remembered is shared, so it is frozen; where that can't be done (dates, maps) nothing is
 * remembered. It ends with the input itself.
 */
import type { z } from 'zod';

export interface ParsedOnce<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** What it made of this very object, or of no input, before; undefined: that is not known. */
  readonly known: (input: unknown) => Parsed<z.output<Schema>> | undefined;
}

interface Parsed<Output> {
  readonly value: Output;
}

export function parsedOnce<Schema extends z.ZodType>(schema: Schema): ParsedOnce<Schema> {
  type Output = z.output<Schema>;
  const ofObjects = new WeakMap<object, Parsed<Output>>();
  let ofNothing: Parsed<Output> | undefined;

  const known = (input: unknown): Parsed<Output> | undefined =>
    input === undefined ? ofNothing : ofObjects.get(input as object);

  /** Not an async function: a known input then costs no promise. */
  function parseAsync(input: unknown, ...rest: unknown[]): unknown {
    const shared = input === undefined || isFrozenObject(input);
    const before = shared ? known(input) : undefined;
    if (before) return before.value;
    const parsing = schema.parseAsync(input, ...(rest as []));
    if (!shared) return parsing;
    return parsing.then((value) => {
      if (!freezePlain(value)) return value;
      if (input === undefined) ofNothing = { value };
      else ofObjects.set(input, { value });
      return value;
    });
  }

  return {
    schema: Object.create(schema, { parseAsync: { value: parseAsync } }) as Schema,
    known,
  };
}

function isFrozenObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.isFrozen(value);
}

/** @returns whether all of it could be frozen */
function freezePlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && prototype !== Array.prototype) {
    return false;
  }
  Object.freeze(value);
  return Object.values(value).every(freezePlain);
}

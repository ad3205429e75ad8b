/**
 * Cached queries whose answer is in memory, without a promise. What a procedure's middlewares do one
 * after the other (sign-in, validation, access, the cache) is only looked up here, and nothing has
 * an effect until all of it is known to succeed; whatever is not a plain success, and every
 * procedure that has a middleware more, is run as ever. So the order of the checks cannot matter.
 */
import type { CacheMark, Context, RateBucket } from './context.ts';

export interface AtOnce {
  /** What a call counts against. */
  readonly bucket: RateBucket;
  /**
   * What the cache says, with the value, if the call would succeed now. Undefined: run it.
   * @param input  not yet validated
   */
  peek(ctx: Context, input: unknown): CacheMark | undefined;
  /** Counts the hits of a call that was answered so; its limit is the caller's to count. */
  count(ctx: Context): void;
}

const known = new WeakMap<object, AtOnce>();

/** A procedure's own: those of its base, its input, its resolver. */
const MIDDLEWARES = 3;

export function answerAtOnce(procedure: object, atOnce: AtOnce): void {
  known.set(procedure, atOnce);
}

/** Undefined: it has to be run. */
export function atOnceOf(procedure: object): AtOnce | undefined {
  const { middlewares } = (procedure as { _def: { middlewares?: readonly unknown[] } })._def;
  return middlewares?.length === MIDDLEWARES ? known.get(procedure) : undefined;
}

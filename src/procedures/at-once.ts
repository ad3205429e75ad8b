/**
 * Cached queries for whom there is nothing to do but to ask the cache. What a procedure's middlewares
 * do one after the other (sign-in, validation, access) is only looked up in memory here, and nothing
 * has an effect until all of it is known to succeed; whatever is not a plain success, and every
 * procedure that has a middleware more, is run as ever. So the order of the checks cannot matter.
 */
import type { CacheRead } from '../cache/index.ts';
import type { CacheMark } from './mark.ts';

/** What a call reads, for `peek` and `read` of the same query. */
export interface Admitted {
  readonly input: unknown;
}

/** Found in memory, in order. */
export type Reads = CacheRead<unknown>[];

export interface AtOnce<Ctx = object> {
  /** How many middlewares all of this stands for, with the input's and the resolver. */
  readonly middlewares: number;
  /** What a call counts against; its limit is the caller's to count. */
  readonly bucket: string;
  /**
   * What the call reads, if it may and its input is valid. Undefined: that is not known; run it.
   * @param input  not yet validated
   * @param reads  takes what that was found by, in memory: not counted yet
   */
  admit(ctx: Ctx, input: unknown, reads: Reads): Admitted | undefined;
  /** What the cache says, if it is in memory and there is a value. Not counted yet. */
  peek(ctx: Ctx, admitted: Admitted): CacheRead<unknown> | undefined;
  /** Of what was peeked. */
  markOf(read: CacheRead<unknown>): CacheMark;
  /** From memory, the shared store or the source. Rejects as the procedure would. */
  read(ctx: Ctx, admitted: Admitted): Promise<CacheMark>;
}

const known = new WeakMap<object, AtOnce>();

export function answerAtOnce<Ctx extends object>(procedure: object, atOnce: AtOnce<Ctx>): void {
  known.set(procedure, atOnce);
}

/** Undefined: it has to be run. */
export function atOnceOf(procedure: object): AtOnce | undefined {
  const { middlewares } = (procedure as { _def: { middlewares?: readonly unknown[] } })._def;
  const atOnce = known.get(procedure);
  return middlewares?.length === atOnce?.middlewares ? atOnce : undefined;
}

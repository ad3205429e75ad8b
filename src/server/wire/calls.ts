/**
 * The calls of a request, run, and what they came to: in the shapes, with the status and with the
 * formatter that the official adapter uses, all of them public.
 */
import {
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  transformTRPCResponse,
  type AnyRouter,
  type TRPCError,
} from '@trpc/server';
import { getHTTPStatusCode } from '@trpc/server/http';
import type { CacheRead } from '../../cache/index.ts';
import type { Admitted, CacheMark, Reads } from '../../procedures/index.ts';
import { Encoded, type Encode } from './encoded.ts';
import type { WireCall } from './plan.ts';
import type { RunProcedure } from './run-procedure.ts';

/** What procedures are given, or why it could not be made. */
export type Made = { readonly ctx: object } | { readonly error: TRPCError };

export interface RunOptions {
  readonly run: RunProcedure;
  readonly encode: Encode;
  readonly made: Made;
  readonly signal: () => AbortSignal;
  /** What the cache said of the calls that were run, by their places. */
  readonly marks: ReadonlyMap<number, CacheMark>;
}

export type Outcome =
  | {
      readonly ok: true;
      readonly encoded: Encoded;
      /** Undefined for an answer that did not come through the cache. */
      readonly mark: CacheMark | undefined;
    }
  /** With the input, if it was read. */
  | { readonly ok: false; readonly error: TRPCError; readonly input: unknown };

export async function runCall(call: WireCall, options: RunOptions): Promise<Outcome> {
  const { run, encode, made, signal, marks } = options;
  let input: unknown;
  try {
    if ('error' in made) throw made.error;
    const data = await run({
      path: call.path,
      procedure: call.procedure,
      ctx: made.ctx,
      batchIndex: call.index,
      signal,
      getRawInput: async () => (input ??= call.input()),
    });
    const mark = marks.get(call.index);
    return { ok: true, encoded: encode.result(data, mark), mark };
  } catch (cause) {
    return { ok: false, error: getTRPCErrorFromUnknown(cause), input };
  }
}

/** Ends when the answer's connection does, before the answer. */
export function abortWith(response: {
  once(event: 'close', listener: () => void): unknown;
  readonly writableEnded: boolean;
}): () => AbortSignal {
  let controller: AbortController | undefined;
  return () => {
    if (!controller) {
      const made = (controller = new AbortController());
      response.once('close', () => {
        if (!response.writableEnded) made.abort();
      });
    }
    return controller.signal;
  };
}

export interface AnswerOptions {
  readonly router: AnyRouter;
  readonly calls: readonly WireCall[];
  readonly ctx: object | undefined;
}

export interface Answered {
  readonly status: number;
  /** One for each call. */
  readonly parts: readonly Encoded[];
}

export function encodeOutcomes(outcomes: readonly Outcome[], options: AnswerOptions): Answered {
  const { router, calls, ctx } = options;
  const config = router._def._config;
  const responses: object[] = [];
  const parts = outcomes.map((outcome, index) => {
    if (outcome.ok) {
      responses.push(SUCCEEDED);
      return outcome.encoded;
    }
    const { error, input } = outcome;
    const { path } = calls[index]!;
    const shape = getTRPCErrorShape({ config, ctx, error, input, path, type: 'query' });
    const response = { error: shape };
    responses.push(response);
    return new Encoded(Buffer.from(JSON.stringify(transformTRPCResponse(config, response))));
  });
  const status = outcomes.every(({ ok }) => ok) ? 200 : getHTTPStatusCode(responses as never);
  return { status, parts };
}

const SUCCEEDED = { result: { data: null } };

/** What calls of one request count against, where the server limits them. */
export interface WireLimiter {
  /** Counts so many calls if that takes no waiting; false, and nothing is counted, if it does. */
  takeLeased(bucket: string, count: number): boolean;
  /** What to tell the caller. */
  headers(): Readonly<Record<string, string>>;
}

/** Who asks, and what it counts against. */
export interface Asking {
  readonly ctx: object;
  readonly limiter: WireLimiter | undefined;
  readonly encode: Encode;
  /** What was found in memory until now; takes more of it, and is counted if the calls are answered. */
  readonly reads: Reads;
  countHits(reads: Reads): void;
}

/**
 * Answers of calls that have nothing to do but to ask the cache: at once where all are in memory,
 * else when all are there. Undefined: some have to be run, and nothing has happened. What is in memory
 * are also the last of `reads`.
 */
export function askCache(
  calls: readonly WireCall[],
  asking: Asking,
): readonly CacheRead<unknown>[] | Promise<Outcome[]> | undefined {
  const { ctx, limiter, reads } = asking;
  const admitted: Admitted[] = [];
  for (const { atOnce, input } of calls) {
    const one = atOnce?.admit(ctx, input(), reads);
    if (!one) return undefined;
    admitted.push(one);
  }
  const bucket = bucketOf(calls);
  if (bucket === undefined) return undefined;
  const found = peekAll(calls, ctx, admitted);
  if (limiter && !limiter.takeLeased(bucket, calls.length)) return undefined;
  if (found) reads.push(...found);
  asking.countHits(reads);
  return found ?? Promise.all(calls.map((call, at) => readOne(call, asking, admitted[at]!)));
}

/** What all of them count against; undefined: they differ, or some are to be run. */
export function bucketOf(calls: readonly WireCall[]): string | undefined {
  const bucket = calls[0]!.atOnce?.bucket;
  return calls.every(({ atOnce }) => atOnce?.bucket === bucket) ? bucket : undefined;
}

function peekAll(
  calls: readonly WireCall[],
  ctx: object,
  admitted: readonly Admitted[],
): readonly CacheRead<unknown>[] | undefined {
  const found: CacheRead<unknown>[] = [];
  for (let index = 0; index < calls.length; index += 1) {
    const read = calls[index]!.atOnce!.peek(ctx, admitted[index]!);
    if (!read) return undefined;
    found.push(read);
  }
  return found;
}

async function readOne(
  { atOnce, input }: WireCall,
  { ctx, encode }: Asking,
  admitted: Admitted,
): Promise<Outcome> {
  try {
    const mark = await atOnce!.read(ctx, admitted);
    if (mark.outcome !== 'bypass') return { ok: true, encoded: encode.read(mark), mark };
    return { ok: true, encoded: encode.result(mark.from?.value, undefined), mark: undefined };
  } catch (cause) {
    return { ok: false, error: getTRPCErrorFromUnknown(cause), input: input() };
  }
}

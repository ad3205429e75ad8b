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
import type { CacheMark, Context } from '../../api/context.ts';
import type { RequestLimiter } from '../rate-limit.ts';
import { encodeOnce, encodeResult, type Encoded } from './encoded.ts';
import type { WireCall } from './plan.ts';
import type { RunProcedure } from './run-procedure.ts';

/** What procedures are given, or why it could not be made. */
export type Made = { readonly ctx: object } | { readonly error: TRPCError };

export interface RunOptions {
  readonly run: RunProcedure;
  readonly made: Made;
  readonly signal: () => AbortSignal;
}

export type Outcome =
  | { readonly ok: true; readonly data: unknown }
  /** With the input, if it was read. */
  | { readonly ok: false; readonly error: TRPCError; readonly input: unknown };

export async function runCall(call: WireCall, options: RunOptions): Promise<Outcome> {
  const { run, made, signal } = options;
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
    return { ok: true, data };
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
  readonly made: Made;
  readonly marks: ReadonlyMap<number, CacheMark>;
}

export interface Answered {
  readonly status: number;
  /** One for each call. */
  readonly parts: readonly Encoded[];
}

export function encodeOutcomes(outcomes: readonly Outcome[], options: AnswerOptions): Answered {
  const { router, calls, made, marks } = options;
  if (outcomes.every((outcome) => outcome.ok)) {
    const parts = outcomes.map(({ data }, index) => encodeResult(router, data, marks.get(index)));
    return { status: 200, parts };
  }
  const config = router._def._config;
  const responses: object[] = [];
  const parts = outcomes.map((outcome, index) => {
    if (outcome.ok) {
      responses.push({ result: { data: null } });
      return encodeResult(router, outcome.data, marks.get(index));
    }
    const { error, input } = outcome;
    const { path } = calls[index]!;
    const ctx = 'ctx' in made ? made.ctx : undefined;
    const shape = getTRPCErrorShape({ config, ctx, error, input, path, type: 'query' });
    const response = { error: shape };
    responses.push(response);
    return encodeOnce(Buffer.from(JSON.stringify(transformTRPCResponse(config, response))));
  });
  return { status: getHTTPStatusCode(responses as never), parts };
}

/**
 * What the cache says of each call, if all of them would succeed now and nothing has to be waited
 * for; they count as run then. Otherwise undefined, and nothing has happened.
 */
export function answerAtOnce(
  calls: readonly WireCall[],
  ctx: Context,
  limiter: RequestLimiter,
): CacheMark[] | undefined {
  const marks: CacheMark[] = [];
  for (const { atOnce, input } of calls) {
    const mark = atOnce?.peek(ctx, input());
    if (!mark) return undefined;
    marks.push(mark);
  }
  const { bucket } = calls[0]!.atOnce!;
  if (calls.some(({ atOnce }) => atOnce!.bucket !== bucket)) return undefined;
  if (!limiter.takeLeased(bucket, calls.length)) return undefined;
  for (const { atOnce } of calls) atOnce!.count(ctx);
  return marks;
}

/**
 * The wire path: cached queries over HTTP, single and in batches, from bytes that were encoded once.
 * It takes a request before a server routes it, or leaves it alone, and decides that before anything
 * has run: nothing runs twice. What it takes runs as it would behind the official adapter, the same
 * session, limits, middlewares, validation and access checks in the same order; only when the
 * procedure's answer is the very object that the cache gave out are the entry's bytes sent in its
 * place. A middleware that answers something else is encoded as usual.
 *
 * It knows no server and no session: what it asks of both is in its options, and may be left out.
 * Concurrency: any number of requests at once. Throws nothing: what goes wrong is answered.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { getTRPCErrorFromUnknown, type AnyRouter, type TRPCError } from '@trpc/server';
import { isCachedQuery, type CacheMark } from '../../procedures/index.ts';
import type { CacheMarks } from '../cache-answers.ts';
import { matches } from '../validators.ts';
import { createAdmission, type Admitted, type TrustedOrigins } from './admission.ts';
import { createBatches } from './batches.ts';
import {
  abortWith,
  askCache,
  encodeOutcomes,
  runCall,
  type Made,
  type Outcome,
  type WireLimiter,
} from './calls.ts';
import { compressed, createEncode, etagOf, type Encode, type Encoded } from './encoded.ts';
import { createHead, type HeadOptions } from './head.ts';
import { createSend, type Send } from './send.ts';
import { createPlans, type Plan } from './plan.ts';
import { createRunProcedure, type RunProcedure, type WireProcedure } from './run-procedure.ts';

/** What is known about a request when its procedures run. */
export interface WireEdge<Session, Limiter> {
  /** Undefined where nobody says how requests are named. */
  readonly requestId: string | undefined;
  readonly session: Session | null;
  /** Undefined where the server limits nothing. */
  readonly limiter: Limiter | undefined;
  /** Told once for each cached answer, by its place in the batch. */
  mark(batchIndex: number, mark: CacheMark): void;
}

/** An answer of which a call was run or waited for; what is answered at once is not told. */
export interface Answered {
  readonly url: string;
  readonly requestId: string | undefined;
  readonly status: number;
  readonly ms: number;
  readonly calls: number;
  readonly marks: CacheMarks;
}

export interface WireOptions<Session, Limiter extends WireLimiter> extends HeadOptions {
  readonly router: AnyRouter;
  /** Such as `/trpc/`. */
  readonly basePath: string;
  /** Larger batches are refused, by the official adapter; 0: all of them. */
  readonly batchSizeMax: number;
  /** Whether a query is a cached one. Default: whether `createProcedures` made it. */
  readonly isCached?: (procedure: WireProcedure) => boolean;
  /**
   * What procedures get. Where there is a `session`, it has to be made at once, without an effect: for
   * a call that has to be run after all it is made again.
   */
  readonly createContext: (
    edge: WireEdge<Session, Limiter>,
    exchange: Exchange,
  ) => object | Promise<object>;
  /** Who asks, at once where it can be told; rejects, never throws. Default: that is not known. */
  readonly session?: (headers: IncomingHttpHeaders) => Session | null | Promise<Session | null>;
  /** What the calls of a request count against. Default: nothing but what procedures count. */
  readonly limiterOf?: (session: Session | null, request: IncomingMessage) => Limiter;
  /** Of the request's own `x-request-id`. Default: answers have none. */
  readonly requestIdOf?: (given: string | string[] | undefined) => string;
  /** Default: what pages of other origins ask is not taken. */
  readonly origins?: TrustedOrigins;
  /** Told of what is under way. Default: nobody is. */
  readonly drain?: WireDrain;
  /** Each call that failed. */
  readonly onError?: (error: TRPCError, failed: FailedCall) => void;
  readonly onAnswered?: (answered: Answered) => void;
  /** Of something that had to be given up at the start, and of an answer that could not be sent. */
  readonly warn: (message: string, cause?: unknown) => void;
}

export interface FailedCall {
  readonly path: string;
  /** If it was read. */
  readonly input: unknown;
  /** Undefined if it could not be made. */
  readonly ctx: object | undefined;
  readonly requestId: string | undefined;
  readonly request: IncomingMessage;
}

export interface WireDrain {
  /** True: nothing is taken any more. */
  readonly closing: boolean;
  begin(): void;
  /** It was given to its connection. */
  end(response: ServerResponse): void;
}

const NO_ORIGINS: TrustedOrigins = { trusts: () => false };
const NO_DRAIN: WireDrain = { closing: false, begin: () => undefined, end: () => undefined };
const NO_LIMITS: Readonly<Record<string, string>> = {};

/** @returns whether the request is taken; then it will be answered */
export type Wire = (request: IncomingMessage, response: ServerResponse) => boolean;

export async function createWire<Session, Limiter extends WireLimiter>(
  options: WireOptions<Session, Limiter>,
): Promise<Wire> {
  const { router, warn, drain = NO_DRAIN } = options;
  const cached = cachedQueries(router, options.isCached ?? isCachedQuery);
  const run = await createRunProcedure({ router, procedures: [...cached.values()], warn });
  const send = await createSend(warn);
  const planOf = createPlans({
    router,
    prefix: options.basePath,
    batchSizeMax: options.batchSizeMax,
    procedureAt: (path) => cached.get(path),
  });
  const admit = createAdmission(options.origins ?? NO_ORIGINS);
  const respond = createAnswer(options, { run, send, encode: createEncode(router) });

  function answer(exchange: Exchange): void {
    const { response } = exchange;
    const fail = (error: unknown): void => {
      warn('an answer could not be sent', error);
      response.destroy();
      drain.end(response);
    };
    try {
      const later = respond(exchange);
      if (later) later.then(() => drain.end(response), fail);
      else drain.end(response);
    } catch (error) {
      fail(error);
    }
  }

  return (request, response) => {
    if (request.method !== 'GET' || drain.closing) return false;
    const plan = planOf(request.url ?? '');
    if (!plan) return false;
    const admitted = admit(request);
    if (!admitted) return false;
    drain.begin();
    answer({ request, response, plan, admitted });
    return true;
  };
}

/** By path. Lazily loaded ones are not there yet: they are the official adapter's. */
function cachedQueries(
  router: AnyRouter,
  isCached: (procedure: WireProcedure) => boolean,
): Map<string, WireProcedure> {
  const procedures = Object.entries(router._def.procedures as Record<string, WireProcedure>);
  return new Map(procedures.filter(([, one]) => one._def.type === 'query' && isCached(one)));
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly plan: Plan;
  readonly admitted: Admitted;
}

/** What is to be sent, but for its encoding. */
interface Found {
  readonly requestId: string | undefined;
  readonly limiter: WireLimiter | undefined;
  readonly status: number;
  readonly encoded: Encoded;
  /** Of a single cached answer. */
  readonly mark: CacheMark | undefined;
}

type MaybeLater = Promise<void> | undefined;

function createAnswer<Session, Limiter extends WireLimiter>(
  options: WireOptions<Session, Limiter>,
  { run, send, encode }: { run: RunProcedure; send: Send; encode: Encode },
): (exchange: Exchange) => MaybeLater {
  const { router, onAnswered } = options;
  const headOf = createHead(options);
  const joinBatch = createBatches();

  function sendFound({ request, response, admitted }: Exchange, found: Found, packed?: Buffer) {
    const { requestId, limiter, encoded, mark } = found;
    const encoding = packed && admitted.encoding;
    const body = packed ?? encoded.body;
    const etag = mark && etagOf(encoded, encoding);
    const unchanged = etag !== undefined && matches(request.headers['if-none-match'], etag);
    const status = unchanged ? 304 : found.status;
    const head = headOf({
      requestId,
      origin: admitted.origin,
      limits: limiter?.headers() ?? NO_LIMITS,
      cached: mark && { mark, etag: etag! },
      encoded,
      encoding,
      bytes: unchanged ? undefined : body.length,
    });
    send(response, { status, head, body: unchanged ? undefined : body });
    return status;
  }

  /** @returns the status that was sent */
  function finish(exchange: Exchange, found: Found): number | Promise<number> {
    const { encoding } = exchange.admitted;
    const packed = encoding && compressed(found.encoded, encoding);
    return packed instanceof Promise
      ? packed.then((bytes) => sendFound(exchange, found, bytes))
      : sendFound(exchange, found, packed);
  }

  /** Answered in this very turn where every call is in memory; false where one has to be run. */
  function ask(
    exchange: Exchange,
    asked: Asked<Session> & { session: Session },
  ): MaybeLater | false {
    const { request, plan } = exchange;
    const { requestId, session } = asked;
    const limiter = options.limiterOf?.(session, request);
    const edge = { requestId, session, limiter, mark: unexpected };
    const ctx = options.createContext(edge, exchange);
    const startedMs = performance.now();
    const answers = askCache(plan.calls, { ctx, limiter, encode });
    if (!answers) return false;
    if (answers instanceof Promise) {
      const running = { requestId, limiter, startedMs, ctx };
      return answers.then((outcomes) => finishRun(exchange, running, outcomes));
    }
    const parts = answers.map(encode.read);
    const encoded = plan.batch ? joinBatch(request.url, parts) : parts[0]!;
    const mark = plan.batch ? undefined : answers[0];
    const sent = finish(exchange, { requestId, limiter, status: 200, encoded, mark });
    return sent instanceof Promise ? sent.then(() => undefined) : undefined;
  }

  async function runAll(exchange: Exchange, asked: Asked<Session>): Promise<void> {
    const startedMs = performance.now();
    const { request, response, plan } = exchange;
    const { requestId } = asked;
    const marks = new Map<number, CacheMark>();
    let limiter: Limiter | undefined;
    let made: Made;
    try {
      const session = await asked.session;
      limiter = options.limiterOf?.(session, request);
      const mark = (index: number, said: CacheMark) => {
        if (said.outcome !== 'bypass') marks.set(index, said);
      };
      const edge = { requestId, session, limiter, mark };
      made = { ctx: await options.createContext(edge, exchange) };
    } catch (cause) {
      made = { error: getTRPCErrorFromUnknown(cause) };
    }
    const running = { run, encode, made, signal: abortWith(response), marks };
    const outcomes = await Promise.all(plan.calls.map((call) => runCall(call, running)));
    const ctx = 'ctx' in made ? made.ctx : undefined;
    await finishRun(exchange, { requestId, limiter, startedMs, ctx }, outcomes);
  }

  async function finishRun(
    exchange: Exchange,
    { requestId, limiter, startedMs, ctx }: Running,
    outcomes: readonly Outcome[],
  ): Promise<void> {
    const { request, plan } = exchange;
    const { calls, batch } = plan;
    const { url = '' } = request;
    const marks = new Map<number, CacheMark>();
    outcomes.forEach((outcome, index) => {
      if (outcome.ok) {
        if (outcome.mark) marks.set(index, outcome.mark);
      } else {
        const { error, input } = outcome;
        const { path } = calls[index]!;
        options.onError?.(error, { path, input, ctx, requestId, request });
      }
    });
    const { status, parts } = encodeOutcomes(outcomes, { router, calls, ctx });
    const encoded = batch ? joinBatch(status === 200 ? url : undefined, parts) : parts[0]!;
    const mark = batch ? undefined : marks.get(0);
    const sent = await finish(exchange, { requestId, limiter, status, encoded, mark });
    const ms = performance.now() - startedMs;
    onAnswered?.({ url, requestId, status: sent, ms, marks, calls: calls.length });
  }

  return (exchange) => {
    const { headers } = exchange.request;
    const requestId = options.requestIdOf?.(headers['x-request-id']);
    const session = options.session ? options.session(headers) : null;
    if (session !== null && !(session instanceof Promise)) {
      const answered = ask(exchange, { requestId, session });
      if (answered !== false) return answered;
    }
    return runAll(exchange, { requestId, session });
  };
}

interface Running {
  readonly requestId: string | undefined;
  readonly limiter: WireLimiter | undefined;
  readonly startedMs: number;
  readonly ctx: object | undefined;
}

interface Asked<Session> {
  readonly requestId: string | undefined;
  /** Rejects, never throws. */
  readonly session: Session | null | Promise<Session | null>;
}

/** What the cache is asked directly, it says directly. */
function unexpected(): never {
  throw new TypeError('a call that only asks the cache was run');
}

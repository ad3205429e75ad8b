/**
 * The wire path: cached queries over HTTP, single and in batches, from bytes that were encoded once.
 * It takes a request before fastify routes it, or leaves it alone, and decides that before anything
 * has run: nothing runs twice. What it takes runs as it would behind the official adapter, the same
 * session, limits, middlewares, validation and access checks in the same order; only when the
 * procedure's answer is the very object that the cache gave out are the entry's bytes sent in its
 * place. A middleware that answers something else is encoded as usual.
 *
 * Concurrency: any number of requests at once. Throws nothing: what goes wrong is answered.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getTRPCErrorFromUnknown, type AnyRouter } from '@trpc/server';
import type { CacheMark, Context, Session } from '../../api/context.ts';
import { logAnswer } from '../access-log.ts';
import type { Drain } from '../drain.ts';
import { pathOf, type Logger } from '../log.ts';
import type { RequestLimiter } from '../rate-limit.ts';
import { requestIdOf } from '../request-id.ts';
import { BATCH_SIZE_MAX, TRPC_PATH, type TrpcRouteOptions } from '../trpc-route.ts';
import { matches } from '../validators.ts';
import { createAdmission, type Admitted } from './admission.ts';
import { createBatches } from './batches.ts';
import { abortWith, askCache, encodeOutcomes, runCall, type Made, type Outcome } from './calls.ts';
import { compressed, createEncode, etagOf, type Encode, type Encoded } from './encoded.ts';
import { createHead, type HeadOptions } from './head.ts';
import { createSend, type Send } from './send.ts';
import { createPlans, type Plan } from './plan.ts';
import { createRunProcedure, type RunProcedure, type WireProcedure } from './run-procedure.ts';

export interface WireOptions<TRouter extends AnyRouter>
  extends TrpcRouteOptions<TRouter>, HeadOptions {
  readonly log: Logger;
  readonly drain: Drain;
  /** Of the server. */
  readonly keepAliveTimeoutMs: number;
}

/** @returns whether the request is taken; then it will be answered */
export type Wire = (request: IncomingMessage, response: ServerResponse) => boolean;

export async function createWire<TRouter extends AnyRouter>(
  options: WireOptions<TRouter>,
): Promise<Wire> {
  const { router, log, drain } = options;
  const cached = cachedQueries(router);
  const warn = (message: string): void => log.warn(message);
  const run = await createRunProcedure({ router, procedures: [...cached.values()], warn });
  const send = await createSend({ keepAliveTimeoutMs: options.keepAliveTimeoutMs, warn });
  const planOf = createPlans({
    router,
    prefix: `${TRPC_PATH}/`,
    batchSizeMax: BATCH_SIZE_MAX,
    procedureAt: (path) => cached.get(path),
  });
  const admit = createAdmission(options.origins);
  const respond = createAnswer(options, { run, send, encode: createEncode(router) });

  function answer(exchange: Exchange): void {
    const { response } = exchange;
    const fail = (error: unknown): void => {
      log.error({ err: error }, 'an answer could not be sent');
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
function cachedQueries(router: AnyRouter): Map<string, WireProcedure> {
  const procedures = Object.entries(router._def.procedures as Record<string, WireProcedure>);
  return new Map(
    procedures.filter(
      ([, { _def }]) =>
        _def.type === 'query' && (_def.meta as { kind?: string } | undefined)?.kind === 'cached',
    ),
  );
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly plan: Plan;
  readonly admitted: Admitted;
}

/** What is to be sent, but for its encoding. */
interface Found {
  readonly requestId: string;
  readonly limiter: RequestLimiter | undefined;
  readonly status: number;
  readonly encoded: Encoded;
  /** Of a single cached answer. */
  readonly mark: CacheMark | undefined;
}

type MaybeLater = Promise<void> | undefined;

function createAnswer<TRouter extends AnyRouter>(
  options: WireOptions<TRouter>,
  { run, send, encode }: { run: RunProcedure; send: Send; encode: Encode },
): (exchange: Exchange) => MaybeLater {
  const { router, log, limits } = options;
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
      limits: limiter?.headers() ?? {},
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

  function limiterOf({ request }: Exchange, session: Session | null): RequestLimiter {
    const { socket } = request;
    const address = socket.remoteAddress ?? '';
    return limits.of(session ? { userId: session.user.id } : { address });
  }

  /** Answered in this very turn where every call is in memory; false where one has to be run. */
  function ask(exchange: Exchange, asked: Asked & { session: Session }): MaybeLater | false {
    const { request, plan } = exchange;
    const { requestId, session } = asked;
    const limiter = limiterOf(exchange, session);
    const ctx = options.createContext({ requestId, session, limiter, mark: unexpected }) as Context;
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

  async function runAll(exchange: Exchange, asked: Asked): Promise<void> {
    const startedMs = performance.now();
    const { response, plan } = exchange;
    const { requestId } = asked;
    const marks = new Map<number, CacheMark>();
    let limiter: RequestLimiter | undefined;
    let made: Made;
    try {
      const session = await asked.session;
      limiter = limiterOf(exchange, session);
      const mark = (index: number, said: CacheMark) => {
        if (said.outcome !== 'bypass') marks.set(index, said);
      };
      made = { ctx: options.createContext({ requestId, session, limiter, mark }) };
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
    const { url = '' } = exchange.request;
    const { calls, batch } = exchange.plan;
    const marks = new Map<number, CacheMark>();
    outcomes.forEach((outcome, index) => {
      if (outcome.ok) {
        if (outcome.mark) marks.set(index, outcome.mark);
      } else if (outcome.error.code === 'INTERNAL_SERVER_ERROR') {
        options.onError(outcome.error, { path: calls[index]!.path, requestId });
      }
    });
    const { status, parts } = encodeOutcomes(outcomes, { router, calls, ctx });
    const encoded = batch ? joinBatch(status === 200 ? url : undefined, parts) : parts[0]!;
    const mark = batch ? undefined : marks.get(0);
    const sent = await finish(exchange, { requestId, limiter, status, encoded, mark });
    const ms = performance.now() - startedMs;
    const line = { requestId, method: 'GET', path: pathOf(url), status: sent, ms };
    logAnswer(log, line, { marks, calls: calls.length });
  }

  return (exchange) => {
    const { headers } = exchange.request;
    const requestId = requestIdOf(headers['x-request-id']);
    const session = options.session(headers);
    if (session !== null && !(session instanceof Promise)) {
      const answered = ask(exchange, { requestId, session });
      if (answered !== false) return answered;
    }
    return runAll(exchange, { requestId, session });
  };
}

interface Running {
  readonly requestId: string;
  readonly limiter: RequestLimiter | undefined;
  readonly startedMs: number;
  readonly ctx: object | undefined;
}

interface Asked {
  readonly requestId: string;
  /** Rejects, never throws. */
  readonly session: Session | null | Promise<Session | null>;
}

/** What the cache is asked directly, it says directly. */
function unexpected(): never {
  throw new TypeError('a call that only asks the cache was run');
}

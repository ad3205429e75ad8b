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
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AnyRouter, TRPCError } from '@trpc/server';
import type { CacheRead, Place } from '../../cache/index.ts';
import { isCachedQuery, type CacheMark, type Reads } from '../../procedures/index.ts';
import type { CacheMarks } from '../cache-answers.ts';
import { createAdmission, type TrustedOrigins } from './admission.ts';
import { createRespond, type MaybeLater } from './answer.ts';
import type { WireLimiter } from './calls.ts';
import { createEncode } from './encoded.ts';
import { ResponseExchange, type Exchange } from './exchange.ts';
import type { HeadOptions } from './head.ts';
import { createPlans } from './plan.ts';
import { createRepeats, NO_REPEATS, type AnswerAgain } from './repeats.ts';
import { createRunProcedure, type WireProcedure } from './run-procedure.ts';
import { createSend } from './send.ts';

export interface WireSessions<Session> {
  /**
   * What is known at once; undefined: it has to be found.
   * @param reads  takes all that it was found by in memory, or nothing; who asks counts that
   */
  peek(exchange: Exchange, reads: Reads): Session | null | undefined;
  find(exchange: Exchange): Promise<Session | null>;
}

export interface Memory {
  recall(places: readonly Place[]): CacheRead<unknown>[] | undefined;
  countHits(reads: readonly CacheRead<unknown>[]): void;
}

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
   * What procedures get. Where there are `sessions`, it has to be made at once, without an effect and
   * without what Node read of the request: for a call that has to be run after all it is made again,
   * and for bytes that came before Node is not asked.
   */
  readonly createContext: (
    edge: WireEdge<Session, Limiter>,
    exchange: Exchange,
  ) => object | Promise<object>;
  /** Who asks. Default: that is not known. */
  readonly sessions?: WireSessions<Session>;
  /** Where sessions and answers are found: together with `sessions`. */
  readonly memory?: Memory;
  /** What the calls of a request count against. Default: nothing but what procedures count. */
  readonly limiterOf?: (session: Session | null, exchange: Exchange) => Limiter;
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
  readonly exchange: Exchange;
}

export interface WireDrain {
  /** True: nothing is taken any more. */
  readonly closing: boolean;
  begin(): void;
  /** It was given to its connection. */
  end(sent: Sent): void;
}

/** As a response, and nothing more of one. */
export interface Sent {
  /** Null: its connection has all of it. */
  readonly socket: Pick<Socket, 'writableLength'> | null;
  once(event: 'close', listener: () => void): unknown;
}

const NO_ORIGINS: TrustedOrigins = { trusts: () => false };
const NO_DRAIN: WireDrain = { closing: false, begin: () => undefined, end: () => undefined };
export interface Wire {
  /** @returns whether the request is taken; then it will be answered */
  (request: IncomingMessage, response: ServerResponse): boolean;
  /** From now on, what comes again over a connection of this server is answered without asking it. */
  watch(server: Server): void;
}

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
  const respond = createRespond(options, { run, encode: createEncode(router) });
  const answerAgain: AnswerAgain = (exchange, sent) =>
    !drain.closing && attend(exchange, sent, () => respond.atOnce(exchange));
  // Whoever does not say who asks has to see each request.
  const repeats = options.sessions
    ? await createRepeats({ answer: answerAgain, warn })
    : NO_REPEATS;

  /** @param begin  answers; false: it has not, and nothing has happened */
  function attend(
    exchange: Exchange,
    sent: Sent,
    begin: () => MaybeLater | false,
  ): MaybeLater | false {
    const end = (): void => drain.end(sent);
    const fail = (error: unknown): void => {
      warn('an answer could not be sent', error);
      exchange.socket.destroy();
      end();
    };
    drain.begin();
    try {
      const later = begin();
      if (later) return later.then(end, fail);
      end();
      return later;
    } catch (error) {
      fail(error);
      return undefined;
    }
  }

  const wire = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { url = '', headers, method } = request;
    if (method !== 'GET' || drain.closing) return false;
    const plan = planOf(url);
    if (!plan) return false;
    const admitted = admit(request);
    if (!admitted) return false;
    const meaning = { url, headers, plan, admitted };
    repeats.learn(response, meaning);
    const exchange = new ResponseExchange(meaning, { request, response }, send);
    void attend(exchange, response, () => respond(exchange));
    return true;
  };
  return Object.assign(wire, { watch: repeats.watch });
}

/** By path. Lazily loaded ones are not there yet: they are the official adapter's. */
function cachedQueries(
  router: AnyRouter,
  isCached: (procedure: WireProcedure) => boolean,
): Map<string, WireProcedure> {
  const procedures = Object.entries(router._def.procedures as Record<string, WireProcedure>);
  return new Map(procedures.filter(([, one]) => one._def.type === 'query' && isCached(one)));
}

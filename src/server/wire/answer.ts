/**
 * Answers what the wire path has taken: in the same turn where all of it is in memory, else when it
 * has come; by asking the cache alone where that is all there is to do, else by running the procedures.
 */
import { getTRPCErrorFromUnknown } from '@trpc/server';
import type { CacheRead } from '../../cache/index.ts';
import type { CacheMark, Reads } from '../../procedures/index.ts';
import { matches } from '../validators.ts';
import { createBatches } from './batches.ts';
import {
  abortWith,
  askCache,
  bucketOf,
  encodeOutcomes,
  runCall,
  type Made,
  type Outcome,
  type WireLimiter,
} from './calls.ts';
import { compressed, etagOf, type Encode, type Encoded } from './encoded.ts';
import type { Exchange, HttpExchange } from './exchange.ts';
import { createHead } from './head.ts';
import type { RunProcedure } from './run-procedure.ts';
import type { WireOptions } from './wire.ts';

const NO_LIMITS: Readonly<Record<string, string>> = {};

/** What is to be sent, but for its encoding. */
interface Found {
  readonly requestId: string | undefined;
  readonly limiter: WireLimiter | undefined;
  readonly status: number;
  readonly encoded: Encoded;
  /** Of a single cached answer. */
  readonly mark: CacheMark | undefined;
}

/** Undefined: it was sent. */
export type MaybeLater = Promise<void> | undefined;

export interface Respond {
  /** Whatever it takes. */
  (exchange: Exchange & { readonly http: HttpExchange }): MaybeLater;
  /** If it only takes asking the cache; false, and nothing has happened, if it does not. */
  atOnce(exchange: Exchange): MaybeLater | false;
}

export function createRespond<Session, Limiter extends WireLimiter>(
  options: WireOptions<Session, Limiter>,
  { run, encode }: { run: RunProcedure; encode: Encode },
): Respond {
  const { router, onAnswered } = options;
  const headOf = createHead(options);
  const joinBatch = createBatches();
  const countHits = (reads: Reads): void => options.memory?.countHits(reads);

  function sendFound(exchange: Exchange, found: Found, packed?: Buffer): number {
    const { headers, admitted } = exchange.meaning;
    const { requestId, limiter, encoded, mark } = found;
    const encoding = packed && admitted.encoding;
    const body = packed ?? encoded.body;
    const etag = mark && etagOf(encoded, encoding);
    const unchanged = etag !== undefined && matches(headers['if-none-match'], etag);
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
    exchange.send({ status, head, body: unchanged ? undefined : body });
    return status;
  }

  /** @returns the status that was sent */
  function finish(exchange: Exchange, found: Found): number | Promise<number> {
    const { encoding } = exchange.meaning.admitted;
    const packed = encoding && compressed(found.encoded, encoding);
    return packed instanceof Promise
      ? packed.then((bytes) => sendFound(exchange, found, bytes))
      : sendFound(exchange, found, packed);
  }

  /** What is in memory, in this very turn. */
  function finishRead(
    exchange: Exchange,
    { requestId, limiter }: Pick<Found, 'requestId' | 'limiter'>,
    found: readonly CacheRead<unknown>[],
  ): MaybeLater {
    const { url, plan } = exchange.meaning;
    const marks = found.map((read, index) => plan.calls[index]!.atOnce!.markOf(read));
    const parts = marks.map(encode.read);
    const encoded = plan.batch ? joinBatch(url, parts) : parts[0]!;
    const mark = plan.batch ? undefined : marks[0];
    const sent = finish(exchange, { requestId, limiter, status: 200, encoded, mark });
    return sent instanceof Promise ? sent.then(() => undefined) : undefined;
  }

  /** Answered in this very turn where every call is in memory; false where one has to be run. */
  function ask(
    exchange: Exchange,
    asked: Asked<Session> & { session: Session },
  ): MaybeLater | false {
    const { meaning } = exchange;
    const { calls } = meaning.plan;
    const { requestId, session } = asked;
    const reads = [...asked.reads];
    const limiter = options.limiterOf?.(session, exchange);
    const edge = { requestId, session, limiter, mark: unexpected };
    const ctx = options.createContext(edge, exchange);
    const startedMs = performance.now();
    const found = askCache(calls, { ctx, limiter, encode, reads, countHits });
    if (!found) return false;
    if (found instanceof Promise) {
      const running = { requestId, limiter, startedMs, ctx };
      return found.then((outcomes) => finishRun(exchange, running, outcomes));
    }
    // A session that was not found in memory may end without a word to it.
    if (!exchange.http && asked.reads.length > 0) {
      meaning.recalled = { session, places: reads.map(({ place }) => place!) };
    }
    return finishRead(exchange, { requestId, limiter }, found);
  }

  /**
   * By what was found the last time. The same bytes by the same entries come to the same, whoever looks
   * at it: session, input and access are not even asked for. False: something is not as it was.
   */
  function recall(exchange: Exchange): MaybeLater | false {
    const { recalled, plan } = exchange.meaning;
    const reads = recalled && options.memory?.recall(recalled.places);
    if (!reads) return false;
    const limiter = options.limiterOf?.(recalled.session as Session, exchange);
    const { calls } = plan;
    if (limiter && !limiter.takeLeased(bucketOf(calls)!, calls.length)) return false;
    countHits(reads);
    const requestId = options.requestIdOf?.(undefined);
    return finishRead(exchange, { requestId, limiter }, reads.slice(-calls.length));
  }

  async function runAll(
    exchange: Exchange & { readonly http: HttpExchange },
    asked: Asked<Session>,
  ): Promise<void> {
    const startedMs = performance.now();
    const { plan } = exchange.meaning;
    const { requestId } = asked;
    const marks = new Map<number, CacheMark>();
    let limiter: Limiter | undefined;
    let made: Made;
    try {
      const session = await asked.session;
      limiter = options.limiterOf?.(session, exchange);
      const mark = (index: number, said: CacheMark) => {
        if (said.outcome !== 'bypass') marks.set(index, said);
      };
      const edge = { requestId, session, limiter, mark };
      made = { ctx: await options.createContext(edge, exchange) };
    } catch (cause) {
      made = { error: getTRPCErrorFromUnknown(cause) };
    }
    const signal = abortWith(exchange.http.response);
    const running = { run, encode, made, signal, marks };
    const outcomes = await Promise.all(plan.calls.map((call) => runCall(call, running)));
    const ctx = 'ctx' in made ? made.ctx : undefined;
    await finishRun(exchange, { requestId, limiter, startedMs, ctx }, outcomes);
  }

  async function finishRun(
    exchange: Exchange,
    { requestId, limiter, startedMs, ctx }: Running,
    outcomes: readonly Outcome[],
  ): Promise<void> {
    const { url, plan } = exchange.meaning;
    const { calls, batch } = plan;
    const marks = new Map<number, CacheMark>();
    outcomes.forEach((outcome, index) => {
      if (outcome.ok) {
        if (outcome.mark) marks.set(index, outcome.mark);
      } else {
        const { error, input } = outcome;
        const { path } = calls[index]!;
        options.onError?.(error, { path, input, ctx, requestId, exchange });
      }
    });
    const { status, parts } = encodeOutcomes(outcomes, { router, calls, ctx });
    const encoded = batch ? joinBatch(status === 200 ? url : undefined, parts) : parts[0]!;
    const mark = batch ? undefined : marks.get(0);
    const sent = await finish(exchange, { requestId, limiter, status, encoded, mark });
    const ms = performance.now() - startedMs;
    onAnswered?.({ url, requestId, status: sent, ms, marks, calls: calls.length });
  }

  function askedBy({ meaning: { headers } }: Exchange): Asked<Session> {
    const reads: Reads = [];
    const session = options.session ? options.session(headers, reads) : null;
    return { requestId: options.requestIdOf?.(headers['x-request-id']), session, reads };
  }

  function askAtOnce(exchange: Exchange, { requestId, session, reads }: Asked<Session>) {
    if (session === null || session instanceof Promise) return false;
    return ask(exchange, { requestId, session, reads });
  }

  const respond = (exchange: Exchange & { readonly http: HttpExchange }): MaybeLater => {
    const asked = askedBy(exchange);
    const answered = askAtOnce(exchange, asked);
    if (answered !== false) return answered;
    countHits(asked.reads);
    return runAll(exchange, asked);
  };
  return Object.assign(respond, {
    atOnce(exchange: Exchange) {
      const recalled = recall(exchange);
      if (recalled !== false) return recalled;
      const asked = askedBy(exchange);
      // Whoever answers it then asks again, joins this look-up, and says how it ended.
      if (asked.session instanceof Promise) asked.session.catch(() => undefined);
      return askAtOnce(exchange, asked);
    },
  });
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
  /** By which it was found in memory: not counted yet. */
  readonly reads: Reads;
}

/** What the cache is asked directly, it says directly. */
function unexpected(): never {
  throw new TypeError('a call that only asks the cache was run');
}

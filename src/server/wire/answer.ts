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
import type { WireEdge, WireOptions } from './wire.ts';

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

type MaybeSoon<T> = T | Promise<T>;

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
  type Edge = Omit<WireEdge<Session, Limiter>, 'mark'>;
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

  function contextOf(exchange: Exchange, asking: Edge): object {
    return options.createContext({ ...asking, mark: unexpected }, exchange);
  }

  /** Of a value that its transformer cannot write, an error. */
  function encodeOne(mark: CacheMark): Outcome {
    try {
      return { ok: true, encoded: encode.read(mark), mark };
    } catch (cause) {
      return { ok: false, error: getTRPCErrorFromUnknown(cause), input: undefined };
    }
  }

  /** What is in memory, in this very turn. */
  function finishRead(
    exchange: Exchange,
    asking: Edge,
    found: readonly CacheRead<unknown>[],
  ): MaybeLater {
    const { url, plan } = exchange.meaning;
    const { requestId, limiter } = asking;
    const marks = found.map((read, index) => plan.calls[index]!.atOnce!.markOf(read));
    let parts: Encoded[];
    try {
      parts = marks.map(encode.read);
    } catch {
      const running = { ...asking, startedMs: performance.now(), ctx: contextOf(exchange, asking) };
      return finishRun(exchange, running, marks.map(encodeOne));
    }
    const encoded = plan.batch ? joinBatch(url, parts) : parts[0]!;
    const mark = plan.batch ? undefined : marks[0];
    const sent = finish(exchange, { requestId, limiter, status: 200, encoded, mark });
    return sent instanceof Promise ? sent.then(() => undefined) : undefined;
  }

  /** Answered in this very turn where every call is in memory; false where one has to be run. */
  function ask(
    exchange: Exchange,
    known: Known<Session> & { readonly session: Session },
  ): MaybeLater | false {
    const { meaning } = exchange;
    const { calls } = meaning.plan;
    const { requestId, session } = known;
    const reads = [...known.reads];
    const limiter = options.limiterOf?.(session, exchange);
    const edge = { requestId, session, limiter };
    const ctx = contextOf(exchange, edge);
    const startedMs = performance.now();
    const found = askCache(calls, { ctx, limiter, encode, reads, countHits });
    if (!found) return false;
    if (found instanceof Promise) {
      const running = { requestId, limiter, startedMs, ctx };
      return found.then((outcomes) => finishRun(exchange, running, outcomes));
    }
    // A session that was not found in memory may end without a word to it.
    if (!exchange.http && known.reads.length > 0) {
      meaning.recalled = { session, places: reads.map(({ place }) => place!) };
    }
    return finishRead(exchange, edge, found);
  }

  /**
   * By what was found the last time. The same bytes by the same entries come to the same, whoever looks
   * at it: session, input and access are not even asked for. False: something is not as it was.
   */
  function recall(exchange: Exchange): MaybeLater | false {
    const { recalled, plan } = exchange.meaning;
    const reads = recalled && options.memory?.recall(recalled.places);
    if (!reads) return false;
    const session = recalled.session as Session;
    const limiter = options.limiterOf?.(session, exchange);
    const { calls } = plan;
    if (limiter && !limiter.takeLeased(bucketOf(calls)!, calls.length)) return false;
    countHits(reads);
    const requestId = options.requestIdOf?.(undefined);
    return finishRead(exchange, { requestId, session, limiter }, reads.slice(-calls.length));
  }

  async function runAll(
    exchange: Exchange & { readonly http: HttpExchange },
    {
      requestId,
      asking,
    }: Pick<Known<Session>, 'requestId'> & { readonly asking: MaybeSoon<Session | null> },
  ): Promise<void> {
    const startedMs = performance.now();
    const { plan } = exchange.meaning;
    const marks = new Map<number, CacheMark>();
    let limiter: Limiter | undefined;
    let made: Made;
    try {
      const session = await asking;
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

  function askedBy(exchange: Exchange): Known<Session> {
    const reads: Reads = [];
    const session = options.sessions ? options.sessions.peek(exchange, reads) : null;
    return { requestId: options.requestIdOf?.(exchange.headers['x-request-id']), session, reads };
  }

  function askAtOnce(exchange: Exchange, known: Known<Session>): MaybeLater | false {
    const { session } = known;
    return session !== null && session !== undefined && ask(exchange, { ...known, session });
  }

  const respond = (exchange: Exchange & { readonly http: HttpExchange }): MaybeLater => {
    const known = askedBy(exchange);
    const answered = askAtOnce(exchange, known);
    if (answered !== false) return answered;
    countHits(known.reads);
    const { requestId, session } = known;
    const asking = session === undefined ? options.sessions!.find(exchange) : session;
    return runAll(exchange, { requestId, asking });
  };
  return Object.assign(respond, {
    atOnce(exchange: Exchange) {
      const recalled = recall(exchange);
      return recalled === false ? askAtOnce(exchange, askedBy(exchange)) : recalled;
    },
  });
}

/** What is known of who asks. */
interface Known<Session> {
  readonly requestId: string | undefined;
  /** Undefined: it has to be found. */
  readonly session: Session | null | undefined;
  /** By which it was found in memory: not counted yet. */
  readonly reads: Reads;
}

interface Running {
  readonly requestId: string | undefined;
  readonly limiter: WireLimiter | undefined;
  readonly startedMs: number;
  readonly ctx: object | undefined;
}

/** What the cache is asked directly, it says directly. */
function unexpected(): never {
  throw new TypeError('a call that only asks the cache was run');
}

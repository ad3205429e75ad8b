/**
 * `createWire`: cached queries from bytes that were encoded once, before tRPC's standalone adapter.
 *
 *   const options = { basePath: '/trpc/', router, createContext };
 *   createServer(withWire(createHTTPHandler(options), await createWire(options)));
 *
 * It takes plain GETs of what `createProcedures` made, single or in batches, and leaves the rest to the
 * handler, which is decided before anything has run. Both give the same status and the same data; the
 * wire path says of the cache what `withCacheAnswer` says.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import { inspect } from 'node:util';
import type { AnyProcedure, AnyRouter, inferRouterContext } from '@trpc/server';
import type { CreateHTTPContextOptions } from '@trpc/server/adapters/standalone';
import type { HTTPBaseHandlerOptions, TRPCRequestInfo } from '@trpc/server/http';
import { abortWith } from '../server/wire/calls.ts';
import type { Exchange, HttpExchange } from '../server/wire/exchange.ts';
import { createWire as openWire, type Wire } from '../server/wire/wire.ts';
import type { Marks } from './cache-answer.ts';

/** As for the standalone adapter; with `marks` where the cache's answers can be told. */
export interface WireContextOptions extends CreateHTTPContextOptions {
  /** To be part of the context, where `mark` of `createProcedures` finds it. */
  readonly marks?: Marks;
}

/** Those of the standalone adapter that matter here have its names, so that one object does for both. */
export interface WireOptions<TRouter extends AnyRouter> {
  readonly router: TRouter;
  /** With its last slash. Default: `/`. */
  readonly basePath?: string;
  readonly allowBatching?: boolean;
  readonly maxBatchSize?: number;
  readonly createContext: (
    options: WireContextOptions,
  ) => inferRouterContext<TRouter> | Promise<inferRouterContext<TRouter>>;
  readonly onError?: HTTPBaseHandlerOptions<TRouter, IncomingMessage>['onError'];
  /** It would have to see the data, which is bytes here: an app that needs it can't have this. */
  readonly responseMeta?: never;
  /** It belongs before both, since the wire path is asked before the handler. */
  readonly middleware?: never;
  /** On every answer, such as security headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Pages of these may ask across origins, with credentials; the answer for an origin is remembered.
   * Default: what they ask is left to the handler, and to what it says of CORS.
   */
  readonly origins?: { trusts(origin: string): boolean };
  /** What those pages may read. Default: what the cache says. */
  readonly exposedHeaders?: readonly string[];
  /**
   * Told once, at the start, of what this version of Node or tRPC does in another way and so costs
   * more, and of an answer that could not be sent. Default: a warning of the process.
   */
  readonly warn?: (message: string, cause?: unknown) => void;
}

const EXPOSED_HEADERS = ['age', 'cache-status', 'etag'];

export async function createWire<TRouter extends AnyRouter>(
  options: WireOptions<TRouter>,
): Promise<Wire> {
  const { router, origins, onError, allowBatching = true, maxBatchSize = Infinity } = options;
  return openWire({
    router,
    basePath: options.basePath ?? '/',
    batchSizeMax: allowBatching ? maxBatchSize : 0,
    createContext({ mark }, exchange) {
      const { request: req, response: res } = httpOf(exchange);
      let known: TRPCRequestInfo | undefined;
      return options.createContext({
        req,
        res,
        marks: { add: mark },
        // Few ask for it, and it costs more than the rest.
        get info() {
          return (known ??= infoOf(exchange));
        },
      });
    },
    common: Object.entries(options.headers ?? {}),
    exposed: options.exposedHeaders ?? EXPOSED_HEADERS,
    ...(origins ? { origins } : {}),
    ...(onError
      ? {
          onError: (error, { path, input, ctx, exchange }) =>
            onError({ error, path, input, ctx, req: httpOf(exchange).request, type: 'query' }),
        }
      : {}),
    warn:
      options.warn ??
      ((message, cause) =>
        process.emitWarning(message, cause === undefined ? {} : { detail: inspect(cause) })),
  });
}

/** Asks the wire path first. */
export function withWire(handler: RequestListener, wire: Wire): RequestListener {
  return (request, response) => {
    if (!wire(request, response)) handler(request, response);
  };
}

/** Node has read each of them: nobody says who asks, and so none is answered without it. */
function httpOf({ http }: Exchange): HttpExchange {
  if (!http) throw new TypeError('a request without a response');
  return http;
}

/** What tRPC tells of a request, of one that the wire path takes. */
function infoOf(exchange: Exchange): TRPCRequestInfo {
  const { request, response } = httpOf(exchange);
  const { plan } = exchange.meaning;
  const scheme = 'encrypted' in request.socket ? 'https' : 'http';
  return {
    accept: null,
    type: 'query',
    isBatchCall: plan.batch,
    calls: plan.calls.map(({ path, procedure, index, input }) => ({
      path,
      procedure: procedure as unknown as AnyProcedure,
      batchIndex: index,
      getRawInput: async () => input(),
      result: input,
    })),
    connectionParams: null,
    signal: abortWith(response)(),
    url: new URL(request.url ?? '', `${scheme}://${request.headers.host ?? 'localhost'}`),
  };
}

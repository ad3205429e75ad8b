/**
 * `/trpc/*`: the official tRPC adapter, and what it leaves to its host. Before it: the check for
 * cross-site requests, the session, the limiter. After it: what trpc-answer.ts adds. Requests that
 * fail before a procedure is reached are answered by trpc-refusal.ts.
 */
import type { AnyRouter, inferRouterContext, TRPCError } from '@trpc/server';
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../api/context.ts';
import type { StudioCache } from '../api/resources.ts';
import type { AccessLogOptions } from './access-log.ts';
import { refuseCrossSite, requireJson } from './cross-site.ts';
import type { LimiterOf } from './limiter-of.ts';
import type { Origins } from './origins.ts';
import type { SessionTokens } from './session-token.ts';
import type { Sessions } from './sessions.ts';
import { completeAnswer, validateAnswer, type Calls } from './trpc-answer.ts';
import { refusalOf } from './trpc-refusal.ts';

export const TRPC_PATH = '/trpc';
/** More calls than any page makes at once; a batch is one request for every limit of the server. */
export const BATCH_SIZE_MAX = 100;

/** What the server knows about a request when its procedures run. */
export type RequestEdge = Omit<Context, 'services'>;

export interface TrpcRouteOptions<TRouter extends AnyRouter> {
  router: TRouter;
  createContext: (edge: RequestEdge) => inferRouterContext<TRouter>;
  sessions: Sessions;
  /** What sessions are kept in. */
  memory?: Pick<StudioCache, 'recall' | 'countHits'>;
  tokens: SessionTokens;
  origins: Origins;
  limiterOf: LimiterOf;
  /** Called with each error that is the server's own fault. */
  onError: (error: TRPCError, where: { path: string | undefined; requestId: string }) => void;
}

/** Returns what a request's calls said about the cache, for the log. */
export function trpcRoute<TRouter extends AnyRouter>(
  app: FastifyInstance,
  options: TrpcRouteOptions<TRouter>,
): AccessLogOptions['marksOf'] {
  const callsOf = new WeakMap<FastifyRequest, Calls>();

  void app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => {
      callsOf.set(request, { marks: new Map() });
      requireJson(request);
      // A bearer token is not sent by a browser on its own.
      if (options.tokens.byCookie(request.headers)) refuseCrossSite(request, options.origins);
    });
    scope.addHook('onSend', async (request, reply, payload) => {
      const calls = callsOf.get(request);
      return calls ? completeAnswer(request, reply, { payload, calls }) : payload;
    });
    // Registered as a hook of the route, it runs after compression, which is one too.
    scope.addHook('onRoute', (route) => {
      const validate = async (request: FastifyRequest, reply: FastifyReply, payload: unknown) =>
        validateAnswer(request, reply, { payload, tag: callsOf.get(request)?.tag });
      route.onSend = [...[route.onSend ?? []].flat(), validate];
    });
    scope.setErrorHandler(async (error, request, reply) => {
      return reply.send(await refusalOf(error, request, options));
    });
    await scope.register(fastifyTRPCPlugin, {
      prefix: TRPC_PATH,
      trpcOptions: trpcOptions(options, callsOf),
    });
  });

  return (request) => {
    const calls = callsOf.get(request);
    return calls && { marks: calls.marks, calls: calls.info?.calls.length ?? 0 };
  };
}

function trpcOptions<TRouter extends AnyRouter>(
  options: TrpcRouteOptions<TRouter>,
  callsOf: WeakMap<FastifyRequest, Calls>,
): FastifyTRPCPluginOptions<AnyRouter>['trpcOptions'] {
  const { router, limiterOf } = options;
  return {
    router,
    allowMethodOverride: true,
    maxBatchSize: BATCH_SIZE_MAX,
    async createContext({ req, info }: { req: FastifyRequest; info: TRPCRequestInfo }) {
      const calls: Calls = callsOf.get(req) ?? { marks: new Map() };
      const session = await options.sessions.find(req.raw);
      const limiter = limiterOf(session, req.raw);
      calls.info = info;
      calls.limiter = limiter;
      return options.createContext({
        requestId: req.id,
        session,
        limiter,
        mark(batchIndex, mark) {
          if (mark.outcome !== 'bypass') calls.marks.set(batchIndex, mark);
        },
      });
    },
    onError({ error, path, req }) {
      if (error.code === 'INTERNAL_SERVER_ERROR') {
        options.onError(error, { path, requestId: req.id });
      }
    },
  };
}

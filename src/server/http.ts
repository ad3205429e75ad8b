/**
 * The HTTP server: which plugins, in which order, with which bounds. What happens on a path is in
 * the module of that path. Knows neither the database nor the cache; `container.ts` hands in what
 * needs them, so that this can be tested with any tRPC router.
 */
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { AnyRouter } from '@trpc/server';
import {
  fastify,
  LogController,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { MINUTE, SECOND } from '../config/duration.ts';
import { accessLog, logAnswer } from './access-log.ts';
import { authRoute } from './auth-route.ts';
import type { Auth } from './auth.ts';
import type { AddressOf } from './client-address.ts';
import { drainOnClose, type Drain } from './drain.ts';
import { commonHeaders, createFront } from './front.ts';
import { healthRoutes, type Readiness } from './health.ts';
import { pathOf, type Logger } from './log.ts';
import { pages } from './pages.ts';
import { requestIdOf } from './request-id.ts';
import { BATCH_SIZE_MAX, TRPC_PATH, trpcRoute, type TrpcRouteOptions } from './trpc-route.ts';
import { createWire, type Wire } from './wire/wire.ts';

/** Of a request's body. */
const BODY_BYTES_MAX = 2 ** 20;
/** A batch's paths are one parameter of the route; the whole URL is bounded by Node (16 KiB). */
const PARAM_LENGTH_MAX = 16 * 1024;
/** A body of 1 MB arrives in this time on the slowest line worth serving. */
const REQUEST_TIMEOUT_MS = 30 * SECOND;

const EXPOSED_HEADERS = [
  'age',
  'cache-status',
  'etag',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'set-auth-token',
  'x-request-id',
];

export interface HttpOptions<TRouter extends AnyRouter> extends TrpcRouteOptions<TRouter> {
  auth: Auth;
  addressOf: AddressOf;
  log: Logger;
  readiness: () => Readiness;
  /** False: everything by the official adapter, in which answers are the same. Default true. */
  wire?: boolean;
  /** Further paths, with what they need from whoever puts the server together. */
  routes?: (app: FastifyInstance) => void;
}

export async function createHttpServer<TRouter extends AnyRouter>(
  options: HttpOptions<TRouter>,
): Promise<FastifyInstance> {
  const front = createFront();
  const app = fastify({
    serverFactory: front.createServer,
    loggerInstance: options.log,
    // access-log.ts writes the lines.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    // An open event stream would otherwise hold the shutdown up for ever; drain.ts waits for
    // everything else before.
    forceCloseConnections: true,
    frameworkErrors: (_error, request, reply) => {
      // The types of a reply without a route allow no status.
      void (reply as unknown as FastifyReply)
        .code(400)
        .send(failure('BAD_REQUEST', 'The request cannot be read', request));
    },
  }) as unknown as FastifyInstance;

  const drain = drainOnClose(app);
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      // Not `upgrade-insecure-requests`: the default is plain http on loopback.
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  await app.register(cors, {
    origin: (origin, allow) => allow(null, origin !== undefined && options.origins.trusts(origin)),
    credentials: true,
    methods: ['GET', 'POST', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: (10 * MINUTE) / SECOND,
  });
  await app.register(compress, { encodings: ['br', 'gzip'] });
  app.setNotFoundHandler((request, reply) => {
    const message = `Nothing is at ${request.method} ${pathOf(request.url)}`;
    void reply.code(404).send(failure('NOT_FOUND', message, request));
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      options.log.error({ err: error, requestId: request.id }, 'a request failed');
      return reply
        .code(500)
        .send(failure('INTERNAL_SERVER_ERROR', 'Something went wrong', request));
    }
    return reply.code(status).send(failure(error.code, error.message, request));
  });

  const marksOf = trpcRoute(app, options);
  accessLog(app, { log: options.log, marksOf });
  authRoute(app, options);
  options.routes?.(app);
  healthRoutes(app, options.readiness);
  pages(app);
  if (options.wire ?? true) {
    await app.ready();
    front.use(await openWire(options, { drain, common: await commonHeaders(app) }));
  }
  return app;
}

/** What the wire path asks of its server, as the official adapter's route has it (trpc-route.ts). */
function openWire<TRouter extends AnyRouter>(
  options: HttpOptions<TRouter>,
  { drain, common }: { drain: Drain; common: [string, string][] },
): Promise<Wire> {
  const { router, origins, limiterOf, log } = options;
  return createWire({
    router,
    basePath: `${TRPC_PATH}/`,
    batchSizeMax: BATCH_SIZE_MAX,
    isCached: ({ _def: { meta } }) => (meta as { kind?: string } | undefined)?.kind === 'cached',
    createContext: options.createContext as (edge: object) => object,
    sessions: options.sessions,
    ...(options.memory ? { memory: options.memory } : {}),
    limiterOf,
    requestIdOf,
    origins,
    common,
    exposed: EXPOSED_HEADERS,
    drain,
    onError(error, { path, requestId = '' }) {
      if (error.code === 'INTERNAL_SERVER_ERROR') options.onError(error, { path, requestId });
    },
    onAnswered({ url, requestId = '', status, ms, marks, calls }) {
      const line = { requestId, method: 'GET', path: pathOf(url), status, ms };
      logAnswer(log, line, { marks, calls });
    },
    warn: (message, cause) => (cause ? log.error({ err: cause }, message) : log.warn(message)),
  });
}

function failure(code: string, message: string, request: Pick<FastifyRequest, 'id'>) {
  return { error: { code, message, requestId: request.id } };
}

/**
 * REST for clients without tRPC: the same procedures behind paths of their own, with the same
 * sign-in, cache and errors. Every call, reads too, counts as a call. The answers' shape is in
 * envelope.ts, the paths' description in openapi.ts.
 */
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createCaller } from '../../api/app-router.ts';
import type { CacheMark, Context, Session } from '../../api/context.ts';
import { publicError, toApiError } from '../../api/errors.ts';
import { ageOf, cacheStatus } from '../cache-answers.ts';
import { refuseCrossSite, requireJson } from '../cross-site.ts';
import { asTrpcError } from '../trpc-refusal.ts';
import type { TrpcRouteOptions } from '../trpc-route.ts';
import { matches, mergeVary, digestOf } from '../validators.ts';
import { failure, success } from './envelope.ts';
import { openApiDocument } from './openapi.ts';

const PERSONALITY_PATH = '/api/personality/:username/cache';
const OPENAPI_PATH = '/api/openapi.json';

export interface RestOptions extends Pick<
  TrpcRouteOptions<never>,
  'sessions' | 'tokens' | 'origins' | 'limiterOf' | 'onError'
> {
  createContext: (edge: Omit<Context, 'services'>) => Context;
}

type Caller = ReturnType<typeof createCaller>;

export function restRoute(app: FastifyInstance, options: RestOptions): void {
  const description = JSON.stringify(openApiDocument());
  app.get(OPENAPI_PATH, (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('application/json').send(description),
  );

  void app.register(async (scope) => {
    const parse = scope.getDefaultJsonParser('error', 'error');
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      // A DELETE says what its body would be, and has none.
      if (body.length === 0) done(null, undefined);
      else void parse(request, body.toString(), done);
    });
    scope.addHook('onRequest', async (request) => {
      if (request.method === 'POST') requireJson(request);
      if (options.tokens.byCookie(request.headers)) refuseCrossSite(request, options.origins);
    });
    scope.setErrorHandler((error, request, reply) => {
      const known = asTrpcError(toApiError(error));
      if (known.code === 'INTERNAL_SERVER_ERROR') {
        options.onError(known, { path: PERSONALITY_PATH, requestId: request.id });
      }
      return reply
        .code(getHTTPStatusCodeFromError(known))
        .header('cache-control', 'no-store')
        .send(failure(publicError(known), request.id));
    });

    const answer = answering(options);
    scope.get(
      PERSONALITY_PATH,
      answer((caller) => caller.personality.get()),
    );
    scope.post(
      PERSONALITY_PATH,
      // As it came: the procedure's own schema says what is wrong with it.
      answer((caller, body) => caller.personality.save(body as never)),
    );
    scope.delete(
      PERSONALITY_PATH,
      answer((caller) => caller.personality.delete()),
    );
  });
}

type Work = (caller: Caller, body: unknown) => Promise<unknown>;

function answering(options: RestOptions) {
  return (work: Work) => async (request: FastifyRequest, reply: FastifyReply) => {
    const session = await options.sessions.find(request.raw);
    const limiter = options.limiterOf(session, request.raw);
    try {
      await limiter.take('calls');
    } finally {
      void reply.headers(limiter.headers());
    }
    requireSelf(session, request);
    const marks: CacheMark[] = [];
    const caller = createCaller(
      options.createContext({
        requestId: request.id,
        session,
        // Counted above.
        limiter: { take: async () => undefined },
        mark: (_index, mark) => void marks.push(mark),
      }),
    );
    const data = await work(caller, request.body);
    return send(request, reply, { data, mark: marks[0] });
  };
}

/** Existence is private: another's name is as good as no name. */
function requireSelf(session: Session | null, request: FastifyRequest): void {
  if (!session) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first' });
  const { username } = request.params as { username: string };
  if (username === session.user.username) return;
  throw new TRPCError({ code: 'NOT_FOUND', message: 'No such user' });
}

/** The validator is weak and of the data alone: the metadata differ each time. */
function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { data, mark }: { data: unknown; mark: CacheMark | undefined },
): FastifyReply {
  void reply.header('vary', mergeVary('Cookie, Authorization', reply.getHeader('vary')));
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return reply.header('cache-control', 'no-store').send(success(data, request.id));
  }
  const tag = `"${digestOf(JSON.stringify(data))}"`;
  void reply.header('cache-control', 'private, no-cache').header('etag', `W/${tag}`);
  if (mark) {
    const now = Date.now();
    void reply
      .header('cache-status', cacheStatus(mark, now))
      .header('age', String(ageOf(mark, now)));
  }
  if (matches(request.headers['if-none-match'], tag)) return reply.code(304).send();
  return reply.send(success(data, request.id));
}

/**
 * `/api/auth/*`: hands a fastify request to better-auth as a fetch Request, and its Response back.
 * The limits are ours: sign-in and sign-up have a bucket per address, reading the session counts
 * as a read, everything else as a call. So is the check for other sites: here it does not ask for
 * a cookie, since signing a stranger's browser in is an attack too.
 *
 * Errors have better-auth's shape: `{ code, message }`.
 */
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AUTH_PATH, type Auth } from './auth.ts';
import type { AddressOf } from './client-address.ts';
import { refuseCrossSite, requireJson } from './cross-site.ts';
import type { LimiterOf } from './limiter-of.ts';
import type { Origins } from './origins.ts';
import type { Bucket } from './rate-limit.ts';

/** Headers that better-auth may see; the address is ours, never what a caller claims. */
const PASSED_HEADERS = ['authorization', 'cookie', 'origin', 'referer', 'user-agent'];

export interface AuthRouteOptions {
  auth: Auth;
  limiterOf: LimiterOf;
  addressOf: AddressOf;
  origins: Origins;
}

export function authRoute(app: FastifyInstance, options: AuthRouteOptions): void {
  const { auth, limiterOf, addressOf, origins } = options;
  void app.register(async (scope) => {
    // Passed on as text; a POST without a body (sign-out) is fine.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    );
    scope.addHook('onRequest', async (request) => {
      refuseCrossSite(request, origins);
      if (hasBody(request)) requireJson(request);
    });
    scope.setErrorHandler<FastifyError | TRPCError>((error, _request, reply) => {
      if (error instanceof TRPCError) {
        const status = getHTTPStatusCodeFromError(error);
        return reply.code(status).send({ code: error.code, message: error.message });
      }
      if (!error.statusCode || error.statusCode >= 500) throw error;
      return reply.code(error.statusCode).send({ code: error.code, message: error.message });
    });
    scope.route({
      method: ['GET', 'POST'],
      url: `${AUTH_PATH}/*`,
      async handler(request, reply) {
        const limiter = limiterOf(null, request.raw);
        const asked = fetchRequestOf(request, addressOf(request.raw));
        try {
          await limiter.take(bucketOf(asked));
        } finally {
          void reply.headers(limiter.headers());
        }
        const response = await auth.handler(asked);
        // Where better-auth has no such path it says nothing at all.
        if (response.status === 404 && !response.body) return reply.callNotFound();
        void reply.code(response.status);
        copyHeaders(request, response, reply);
        return reply.send(await response.text());
      },
    });
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** By the path that better-auth will see: dots in the caller's are resolved by then. */
function bucketOf(request: Request): Bucket {
  const path = new URL(request.url).pathname.slice(AUTH_PATH.length);
  if (/^\/sign-(in|up)\b/.test(path)) return 'sign-in';
  return request.method === 'GET' ? 'reads' : 'calls';
}

function fetchRequestOf(request: FastifyRequest, address: string): Request {
  const headers = new Headers({ 'x-greenroom-address': address });
  for (const name of PASSED_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const init: RequestInit = { method: request.method, headers };
  if (request.method !== 'GET') {
    headers.set('content-type', 'application/json');
    init.body = typeof request.body === 'string' && request.body ? request.body : '{}';
  }
  return new Request(new URL(request.url, 'http://localhost'), init);
}

function copyHeaders(request: FastifyRequest, response: Response, reply: FastifyReply): void {
  for (const [name, value] of response.headers) {
    // Exposed headers are listed once, with CORS; the length is fastify's to count.
    if (name === 'set-cookie' || name === 'access-control-expose-headers') continue;
    if (name === 'content-length' || name === 'content-encoding') continue;
    void reply.header(name, value);
  }
  const secure = cameByHttps(request);
  for (const cookie of response.headers.getSetCookie()) {
    void reply.header('set-cookie', secure ? `${cookie}; Secure` : cookie);
  }
  if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
}

/** Behind a proxy that ends TLS. A caller who lies about it only hides the cookie from himself. */
function cameByHttps(request: FastifyRequest): boolean {
  return (
    request.headers['x-forwarded-proto'] === 'https' ||
    request.headers.origin?.startsWith('https:') === true
  );
}

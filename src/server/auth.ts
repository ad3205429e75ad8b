/**
 * Sign-in, by better-auth: e-mail and password, roles and bans (admin plugin), bearer tokens. Its
 * own limiter and cookie cache are off: rate limits are ours, and a session that is cached in a
 * cookie would outlive its sign-out.
 *
 * Answers HTTP requests as `handler`, on fetch's Request and Response. Resolving the session of
 * other requests is sessions.ts, which asks our cache and not better-auth.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { BetterAuthOptions } from 'better-auth';
import { betterAuth } from 'better-auth/minimal';
import { admin, bearer } from 'better-auth/plugins';
import type { DBAdapter } from 'better-auth/types';
import { DAY, SECOND } from '../config/duration.ts';
import type { ReadDb } from '../db/read.ts';
import type { Write } from '../db/write.ts';
import { coherentAdapter } from './auth-adapter.ts';
import type { Origins } from './origins.ts';

/** Cookies do not tell ports apart: a name of our own keeps other apps on localhost out of it. */
const COOKIE_PREFIX = 'greenroom';
export const SESSION_COOKIE = `${COOKIE_PREFIX}.session_token`;
export const AUTH_PATH = '/api/auth';

const SESSION_MS = 7 * DAY;
/** A session older than this is extended when `get-session` is asked. */
const SESSION_REFRESH_MS = DAY;

export interface AuthOptions {
  read: ReadDb;
  write: Write;
  secret: string;
  /** The server's own address, such as `http://localhost:3000`. */
  baseUrl: string;
  origins: Origins;
  /** For lines that better-auth would print: they go to our log. */
  log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, error?: Error) => void;
}

export interface Auth {
  handler(request: Request): Promise<Response>;
}

export function createAuth(options: AuthOptions): Auth {
  const failures: Failures = new AsyncLocalStorage();
  const auth = betterAuthOf(options, failures);
  return {
    async handler(request) {
      const seen: { error?: unknown } = {};
      const response = await failures.run(seen, () => auth.handler(request));
      if (!response.ok || seen.error === undefined) return response;
      options.log(
        'error',
        'the database failed, and better-auth answered as if it had not',
        asError(seen.error),
      );
      return Response.json(NOT_DONE, { status: 503 });
    },
  };
}

const NOT_DONE = {
  code: 'SERVICE_UNAVAILABLE',
  message: 'The database could not be written just now: try again',
};

/** What failed first in the request that is being answered. */
type Failures = AsyncLocalStorage<{ error?: unknown }>;

/**
 * better-auth's sign-out swallows errors: of the look-up that precedes the deletion, without which it
 * deletes nothing, and of the deletion; then it answers success. What was acknowledged must have
 * happened: whatever fails is noted, and answered 503.
 */
function noting(adapter: DBAdapter, failures: Failures): DBAdapter {
  return new Proxy(adapter, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        try {
          return await Reflect.apply(member, target, args);
        } catch (error) {
          const seen = failures.getStore();
          if (seen) seen.error ??= error;
          throw error;
        }
      };
    },
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The instance itself: tests compare its `getSession` with ours. */
export function betterAuthOf(options: AuthOptions, failures: Failures = new AsyncLocalStorage()) {
  const { secret, origins } = options;
  const adapter = coherentAdapter(options);
  return betterAuth({
    appName: 'Greenroom',
    // `http` keeps cookies usable on plain loopback; auth-route.ts adds `Secure` where a request
    // came by https. Which origins are trusted is not decided by it.
    baseURL: options.baseUrl,
    basePath: AUTH_PATH,
    secret,
    database: (authOptions: BetterAuthOptions) => noting(adapter(authOptions), failures),
    trustedOrigins: (request) => {
      const origin = request?.headers.get('origin');
      return origin && origins.trusts(origin) ? [origin] : [];
    },
    emailAndPassword: { enabled: true },
    session: {
      expiresIn: SESSION_MS / SECOND,
      updateAge: SESSION_REFRESH_MS / SECOND,
      cookieCache: { enabled: false },
    },
    user: { additionalFields: { username: { type: 'string', required: false, input: false } } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: false,
      // cross-site.ts has checked it, and lets programs without an `Origin` through; where a
      // redirect may lead is still better-auth's to check, in every environment.
      disableCSRFCheck: true,
      disableOriginCheck: false,
      database: { generateId: 'uuid' },
      ipAddress: { ipAddressHeaders: ['x-greenroom-address'] },
    },
    logger: {
      log: (level, message, ...details: unknown[]) =>
        options.log(
          level,
          message,
          details.find((detail) => detail instanceof Error),
        ),
    },
    plugins: [admin(), bearer()],
  });
}

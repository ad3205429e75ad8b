/**
 * The typed client of the Greenroom API, for browsers and for Node. Types come from the router;
 * no code of the server does.
 *
 *   const greenroom = createGreenroomClient({ url: 'http://localhost:3000' });
 *   await greenroom.auth.signIn.email({ email, password });
 *   const scenes = await greenroom.scene.list.query({ projectId }, { signal });
 *   greenroom.cacheOf(scenes)?.hit;
 *
 * Calls made in one tick travel as one batch; queries that failed on the way are tried again;
 * mutations never are. Throws TRPCClientError, and GreenroomAuthError from `auth`.
 */
import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  retryLink,
  splitLink,
  type Operation,
  type TRPCClient,
} from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '../api/app-router.ts';
import { createAuthClient, type GreenroomAuth } from './auth-client.ts';
import { createCacheReports, type CacheInfo, type CacheReport } from './cache-link.ts';
import { createEventSourceClass } from './event-source.ts';
import { retryDelayMs, shouldRetry, type RetryOptions } from './retries.ts';

export type { AppRouter } from '../api/app-router.ts';
export {
  GreenroomAuthError,
  type AuthUser,
  type GreenroomAuth,
  type SignedIn,
} from './auth-client.ts';
export type { CacheInfo, CacheReport } from './cache-link.ts';
export type { RetryOptions } from './retries.ts';

/** Longer URLs are cut or refused by some proxies; a batch that would be longer is split. */
const URL_LENGTH_MAX = 4_000;
/** A query whose input alone is about as long travels in a POST. Leaves room for path and host. */
const INPUT_LENGTH_MAX = 3_000;
/** The server takes 100 calls at once; fewer keep one slow call from holding many up. */
const BATCH_SIZE_MAX = 50;

export interface GreenroomClientOptions {
  /** Of the server, such as `http://localhost:3000`. In a page it serves: `location.origin`. */
  url: string;
  /** A bearer token to begin with, as `auth.signIn.email` gives out. Default: none. */
  token?: string;
  /** Default: the global one. */
  fetch?: typeof fetch;
  /**
   * `cookie` sends the browser's cookies, `bearer` keeps the token of a sign-in in memory and
   * sends that. Default: `cookie` in a browser without `token`, else `bearer`.
   */
  session?: 'cookie' | 'bearer';
  /** Of queries. Default: 3 attempts. */
  retry?: RetryOptions;
  /** Called for each cached answer. Values themselves can be asked with `cacheOf`. */
  onCache?: (report: CacheReport) => void;
}

export type GreenroomClient = TRPCClient<AppRouter> & {
  readonly auth: GreenroomAuth;
  /**
   * What the cache said about an answer of this client; undefined when it was not cached. Asks for
   * the very object that was answered: a copy, or a text or a number, has no such memory.
   */
  cacheOf(answer: unknown): CacheInfo | undefined;
};

export function createGreenroomClient(options: GreenroomClientOptions): GreenroomClient {
  const url = options.url.replace(/\/+$/, '');
  const byCookie = usesCookie(options);
  const token = { current: options.token };
  const send = withCredentials(options.fetch ?? globalThis.fetch, { byCookie, token });
  const reports = createCacheReports(options.onCache);
  const auth = createAuthClient({
    url,
    fetch: send,
    onToken: (issued) => {
      if (!byCookie) token.current = issued;
    },
  });

  const endpoint = {
    url: `${url}/trpc`,
    transformer: superjson,
    // tRPC describes fetch by a narrower type of its own.
    fetch: (input: string | URL | Request, init?: object) => send(input, init),
  };
  const trpc = createTRPCClient<AppRouter>({
    links: [
      reports.link<AppRouter>(),
      retryLink<AppRouter>({
        retry: (call) => shouldRetry(call, options.retry),
        retryDelayMs: (attempt) => retryDelayMs(attempt, options.retry),
      }),
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink<AppRouter, never>({
          ...endpoint,
          EventSource: createEventSourceClass(send) as never,
        }),
        false: splitLink({
          condition: hasLongInput,
          true: httpLink({ ...endpoint, methodOverride: 'POST' }),
          false: httpBatchLink({
            ...endpoint,
            maxURLLength: URL_LENGTH_MAX,
            maxItems: BATCH_SIZE_MAX,
          }),
        }),
      }),
    ],
  });
  return extended(trpc, { auth, cacheOf: reports.cacheOf });
}

function usesCookie(options: GreenroomClientOptions): boolean {
  if (options.session) return options.session === 'cookie';
  return options.token === undefined && typeof document !== 'undefined';
}

function withCredentials(
  send: typeof fetch,
  by: { byCookie: boolean; token: { current: string | undefined } },
): typeof fetch {
  return (input, init) => {
    if (by.byCookie) return send(input, { ...init, credentials: 'include' });
    const headers = new Headers(init?.headers);
    if (by.token.current !== undefined) headers.set('authorization', `Bearer ${by.token.current}`);
    return send(input, { ...init, headers });
  };
}

function hasLongInput(op: Operation): boolean {
  if (op.type !== 'query' || op.input === undefined) return false;
  return (
    encodeURIComponent(JSON.stringify(superjson.serialize(op.input))).length > INPUT_LENGTH_MAX
  );
}

/** tRPC's client is a proxy that makes a procedure of any name: ours go before it. */
function extended<Extension extends object>(
  trpc: TRPCClient<AppRouter>,
  extension: Extension,
): TRPCClient<AppRouter> & Extension {
  return new Proxy(trpc, {
    get: (target, name) =>
      Object.hasOwn(extension, name)
        ? extension[name as keyof Extension]
        : target[name as keyof typeof target],
  }) as TRPCClient<AppRouter> & Extension;
}

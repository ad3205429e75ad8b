/**
 * Rate limits: per user and, signed out, per address, in three buckets that do not touch each
 * other. A limiter is bound to one request, and every call of a batch takes one.
 *
 * Headers follow draft-ietf-httpapi-ratelimit-headers-10, in which a policy has a name:
 *   RateLimit-Policy: "calls";q=100;w=60
 *   RateLimit: "calls";r=97;t=42
 * Throws TooManyRequests, a TRPCError, so that tRPC callers get their own error shape.
 */
import { TRPCError } from '@trpc/server';
import { SECOND } from '../config/duration.ts';
import { createLeases } from './rate-limit-leases.ts';
import { RecentMap } from './recent-map.ts';
import { WINDOW_MS, type LimitStore, type Taken } from './rate-limit-store.ts';

/** `calls`: mutations, model calls and REST. `reads`: cached reads. `sign-in`: also sign-up. */
export type Bucket = 'calls' | 'reads' | 'sign-in';

export interface RequestLimiter {
  /** Counts one call. Throws TooManyRequests when the bucket is empty. */
  take(bucket: Bucket): Promise<void>;
  /** Counts so many calls if that takes no waiting; false, and nothing is counted, if it does. */
  takeLeased(bucket: Bucket, count: number): boolean;
  /** What to tell the caller about the buckets that this request took from. */
  headers(): Record<string, string>;
}

export class TooManyRequests extends TRPCError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    const seconds = Math.ceil(retryAfterMs / SECOND);
    super({ code: 'TOO_MANY_REQUESTS', message: `Too many requests: try again in ${seconds} s` });
    this.retryAfterMs = retryAfterMs;
  }
}

export interface RateLimits {
  /** @param caller  the signed-in user's id, or the address that the request came from */
  of(caller: { userId: string } | { address: string }): RequestLimiter;
}

export function createRateLimits(options: {
  store: LimitStore;
  /** Requests a minute. */
  limits: Record<Bucket, number>;
}): RateLimits {
  const { limits } = options;
  const leases = createLeases(options.store);
  const known = {
    user: new RecentMap<string, Keys>(CALLERS_MAX),
    address: new RecentMap<string, Keys>(CALLERS_MAX),
  };
  const policies = mapBuckets(
    (bucket) => `"${bucket}";q=${limits[bucket]};w=${WINDOW_MS / SECOND}`,
  );

  /** Texts that are looked up often are better the same object: their hash is known. */
  function keysOf(kind: 'user' | 'address', name: string): Keys {
    const before = known[kind].get(name);
    if (before) return before;
    const keys = mapBuckets((bucket) => `${bucket}:${kind}:${name}`);
    known[kind].set(name, keys);
    return keys;
  }

  return {
    of(caller) {
      const keys =
        'userId' in caller
          ? keysOf('user', caller.userId)
          : keysOf('address', networkOf(caller.address));
      const state: State = [];
      const remember = (bucket: Bucket, taken: Taken): void => {
        note(state, bucket, taken);
        if (!taken.allowed) throw new TooManyRequests(taken.resetMs);
      };
      return {
        take(bucket) {
          const taken = leases.take(keys[bucket], limits[bucket]);
          if (taken instanceof Promise) return taken.then((later) => remember(bucket, later));
          note(state, bucket, taken);
          return COUNTED;
        },
        takeLeased(bucket, count) {
          const taken = leases.takeLeased(keys[bucket], count);
          if (taken) note(state, bucket, taken);
          return taken !== undefined;
        },
        headers: () => headersOf(state, policies),
      };
    },
  };
}

/** A limiter that refuses everything, of a limit that was used up elsewhere. */
export function refusal(used: { name: string; limit: number; resetMs: number }): RequestLimiter {
  const { name, limit, resetMs } = used;
  const seconds = ceil(resetMs);
  return {
    take: () => Promise.reject(new TooManyRequests(resetMs)),
    takeLeased: () => false,
    headers: () => ({
      'ratelimit-policy': `"${name}";q=${limit};w=${WINDOW_MS / SECOND}`,
      ratelimit: `"${name}";r=0;t=${seconds}`,
      'retry-after': String(seconds),
    }),
  };
}

const COUNTED = Promise.resolve();

/** In the store, of one caller. */
type Keys = Record<Bucket, string>;

/** Whose keys are remembered; some 300 bytes each. */
const CALLERS_MAX = 10_000;

function mapBuckets(textOf: (bucket: Bucket) => string): Record<Bucket, string> {
  return { calls: textOf('calls'), reads: textOf('reads'), 'sign-in': textOf('sign-in') };
}

/** What was last taken from each bucket: of one, as a rule. */
type State = { readonly bucket: Bucket; taken: Taken }[];

/** Calls of a batch are counted in parallel: the lowest remainder is the one that holds. */
function note(state: State, bucket: Bucket, taken: Taken): void {
  const before = state.find((one) => one.bucket === bucket);
  if (!before) {
    state.push({ bucket, taken });
    return;
  }
  if (!before.taken.allowed) return;
  if (taken.allowed && before.taken.remaining <= taken.remaining) return;
  before.taken = taken;
}

function headersOf(state: State, policies: Record<Bucket, string>): Record<string, string> {
  if (state.length === 0) return {};
  let policy = '';
  let rest = '';
  let retryMs = 0;
  for (const { bucket, taken } of state) {
    const comma = policy === '' ? '' : ', ';
    policy += comma + policies[bucket];
    rest += `${comma}"${bucket}";r=${taken.remaining};t=${ceil(taken.resetMs)}`;
    if (!taken.allowed) retryMs = Math.max(retryMs, taken.resetMs);
  }
  const headers: Record<string, string> = { 'ratelimit-policy': policy, ratelimit: rest };
  if (retryMs > 0) headers['retry-after'] = String(ceil(retryMs));
  return headers;
}

function ceil(ms: number): number {
  return Math.max(1, Math.ceil(ms / SECOND));
}

/**
 * One caller's network: an IPv4 address, or the /64 of an IPv6 one, of which anybody has 2^64.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/**
 * Counts requests in fixed windows. The port is small on purpose: a store shared through Redis
 * takes its place without a change elsewhere. This one lives in the process, on
 * rate-limiter-flexible.
 *
 * Memory is bounded although keys are chosen by callers: beyond `keysMax` keys in a window, new
 * ones share a few counters. Under such a flood strangers then limit one another; users, whose
 * keys were there before or are few, keep theirs.
 */
import { createHash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { MINUTE, SECOND } from '../config/duration.ts';

export interface Taken {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Until the window ends, in milliseconds. */
  readonly resetMs: number;
}

export interface LimitStore {
  /** Counts `count` requests (default 1) of `key`, which may make `limit` in a window. */
  take(key: string, limit: number, count?: number): Promise<Taken>;
}

export const WINDOW_MS = MINUTE;

/** About 20 MB in the worst case: a counter and its timer take some 200 bytes. */
const KEYS_MAX = 50_000;
const SHARED_COUNTERS = 256;

export function createMemoryLimitStore(options: { keysMax?: number } = {}): LimitStore {
  const keysMax = options.keysMax ?? KEYS_MAX;
  const limiters = new Map<number, RateLimiterMemory>();
  const known = createRecentKeys(keysMax);

  function limiterFor(limit: number): RateLimiterMemory {
    let limiter = limiters.get(limit);
    if (!limiter) {
      limiter = new RateLimiterMemory({
        keyPrefix: String(limit),
        points: limit,
        duration: WINDOW_MS / SECOND,
      });
      limiters.set(limit, limiter);
    }
    return limiter;
  }

  return {
    async take(key, limit, count = 1) {
      const counter = known.has(key) ? key : sharedCounter(key);
      try {
        return taken(true, await limiterFor(limit).consume(counter, count));
      } catch (rejection) {
        if (rejection instanceof RateLimiterRes) return taken(false, rejection);
        throw rejection;
      }
    },
  };
}

function taken(allowed: boolean, result: RateLimiterRes): Taken {
  return { allowed, remaining: result.remainingPoints, resetMs: result.msBeforeNext };
}

function sharedCounter(key: string): string {
  return `shared:${createHash('sha256').update(key).digest().readUInt16BE(0) % SHARED_COUNTERS}`;
}

/** Keys of this window and the one before, at most `max` each; a key beyond is not admitted. */
function createRecentKeys(max: number) {
  let current = new Set<string>();
  let previous = new Set<string>();
  let rotateAt = Date.now() + WINDOW_MS;
  return {
    has(key: string): boolean {
      const now = Date.now();
      if (now >= rotateAt) {
        previous = now >= rotateAt + WINDOW_MS ? new Set() : current;
        current = new Set();
        rotateAt = now + WINDOW_MS;
      }
      if (current.has(key)) return true;
      if (current.size >= max && !previous.has(key)) return false;
      if (current.size < max) current.add(key);
      return true;
    },
  };
}

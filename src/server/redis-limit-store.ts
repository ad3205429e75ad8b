/**
 * Counts requests in Redis, so that a caller has one limit however many processes there are. One
 * INCRBY for each lease of quotas (rate-limit-leases.ts), none for a hit.
 *
 *   <prefix>:limit:<window>:<digest of the key>   requests so far
 *
 * Windows are those of the wall clock, alike in all processes; clocks that differ by a second make a
 * window longer by as much for who goes from one process to the other. While Redis is away or slow
 * each process counts for itself: a limit is then as many times larger, and no request waits.
 */
import { hash } from 'node:crypto';
import type { RedisConnection } from '../cache/index.ts';
import { SECOND } from '../config/duration.ts';
import { WINDOW_MS, type LimitStore } from './rate-limit-store.ts';

export interface RedisLimitStoreOptions {
  readonly connection: RedisConnection;
  /** Counts while Redis does not. */
  readonly fallback: LimitStore;
  /** First part of every key. Default: greenroom. */
  readonly prefix?: string;
  readonly onError?: (error: unknown) => void;
}

/** After a failure Redis is left alone for so long. */
const REST_MS = SECOND;

export function createRedisLimitStore(options: RedisLimitStoreOptions): LimitStore {
  const { connection, fallback } = options;
  const prefix = options.prefix ?? 'greenroom';
  let restsUntil = 0;

  async function count(key: string, requests: number, window: number): Promise<number> {
    const name = `${prefix}:limit:${window}:${hash('sha256', key, 'base64url')}`;
    const client = connection.client();
    const total = await client.incrby(name, requests);
    // The first in its window. Should this be lost, one counter stays until Redis evicts it.
    if (total === requests) await client.pexpire(name, 2 * WINDOW_MS);
    return total;
  }

  return {
    async take(key, limit, requests = 1) {
      if (performance.now() < restsUntil) return fallback.take(key, limit, requests);
      const now = Date.now();
      const window = Math.floor(now / WINDOW_MS);
      try {
        const total = await count(key, requests, window);
        return {
          allowed: total <= limit,
          remaining: Math.max(0, limit - total),
          resetMs: (window + 1) * WINDOW_MS - now,
        };
      } catch (error) {
        restsUntil = performance.now() + REST_MS;
        options.onError?.(error);
        return fallback.take(key, limit, requests);
      }
    },
  };
}

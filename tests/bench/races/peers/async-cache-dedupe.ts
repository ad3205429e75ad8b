/**
 * async-cache-dedupe with its Redis storage, which its page calls the best choice for a shared
 * cache, and invalidation by references. It has either Redis or memory, so no memory before Redis.
 */
import { loadPeer } from '../../peers/load.ts';
import type { Peer } from '../peer.ts';
import { connectPeerRedis } from './ioredis-connection.ts';

interface Dedupe {
  define(
    name: string,
    options: { references: (key: string) => string[] },
    load: (key: string) => Promise<unknown>,
  ): Dedupe;
  invalidateAll(references: string[]): Promise<void>;
  readonly cached: (key: string) => Promise<unknown>;
}
interface Package {
  createCache(options: object): Dedupe;
}

const MS_PER_SECOND = 1_000;

export const asyncCacheDedupePeer: Peer = {
  name: 'async-cache-dedupe',
  async open({ redis, ttlMs }) {
    const { createCache } = await loadPeer<Package>('async-cache-dedupe');
    const client = await connectPeerRedis(redis);
    const ttl = ttlMs / MS_PER_SECOND;
    const cache = createCache({
      ttl,
      storage: { type: 'redis', options: { client, invalidation: { referencesTTL: ttl } } },
    });
    // It is given one function when it is defined; the loader of each key is found by the key.
    const loaders = new Map<string, () => Promise<unknown>>();
    cache.define('cached', { references: (key) => [`ref-${key}`] }, (key) => loaders.get(key)!());
    return {
      get<V>(key: string, load: () => Promise<V>) {
        loaders.set(key, load);
        return cache.cached(key) as Promise<V>;
      },
      invalidate: (key) => cache.invalidateAll([`ref-${key}`]),
      async ready() {
        await client.ping();
      },
      close: async () => client.disconnect(),
    };
  },
};

/**
 * cache-manager as its page on several stores has it: CacheableMemory first, @keyv/redis second,
 * `wrap` (which joins concurrent loads) and `del`. It has no messages between processes.
 */
import { loadPeer } from '../../peers/load.ts';
import type { Peer } from '../peer.ts';
import { openKeyvRedis } from './keyv-redis.ts';

interface Manager {
  wrap<V>(key: string, load: () => Promise<V>, ttl: number): Promise<V>;
  del(key: string): Promise<boolean>;
  on(event: 'error', listener: () => void): unknown;
}
interface Package {
  createCache(options: object): Manager;
}
interface CacheablePackage {
  createKeyv(options: object): unknown;
}

const L1_ITEMS_MAX = 10_000;

export const cacheManagerPeer: Peer = {
  name: 'cache-manager',
  async open({ redis, ttlMs }) {
    const { createCache } = await loadPeer<Package>('cache-manager');
    const { createKeyv } = await loadPeer<CacheablePackage>('cacheable');
    const memory = createKeyv({ ttl: ttlMs, lruSize: L1_ITEMS_MAX });
    const second = await openKeyvRedis(redis);
    const cache = createCache({ stores: [memory, second.keyv], ttl: ttlMs });
    return {
      get: (key, load) => cache.wrap(key, load, ttlMs),
      async invalidate(key) {
        await cache.del(key);
      },
      ready: () => second.ping(),
      close: () => second.keyv.disconnect(),
    };
  },
};

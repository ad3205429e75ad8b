/**
 * cacheable with memory, @keyv/redis as the secondary store, tags on, and CacheableSync over Redis
 * pub/sub (@qified/redis). With tags its `getOrSet` cannot be used, which takes none, so it is
 * get, else load and `set(…, { tags })`; then `tags.invalidateTag`. By keys: `getOrSet`, `delete`.
 */
import { loadPeer } from '../../peers/load.ts';
import type { Peer } from '../peer.ts';
import { openKeyvRedis } from './keyv-redis.ts';

interface CacheableInstance {
  get<V>(key: string): Promise<V | undefined>;
  set(key: string, value: unknown, options: { ttl: number; tags: string[] }): Promise<boolean>;
  getOrSet<V>(key: string, load: () => Promise<V>, options: { ttl: number }): Promise<V>;
  delete(key: string): Promise<boolean>;
  readonly tags: { invalidateTag(tag: string): Promise<void> };
  on(event: 'error', listener: () => void): unknown;
  disconnect(): Promise<void>;
}
interface Package {
  readonly Cacheable: new (options: object) => CacheableInstance;
}
interface Emitter {
  on(event: 'error', listener: () => void): unknown;
}
interface QifiedPackage {
  readonly RedisMessageProvider: new (options: object) => { pub: Emitter; sub: Emitter };
}

export const cacheableByTag = cacheable('cacheable (tags)', true);
export const cacheableByKey = cacheable('cacheable (keys)', false);

function cacheable(name: string, byTag: boolean): Peer {
  return {
    name,
    async open({ redis, bus, ttlMs }) {
      const { Cacheable } = await loadPeer<Package>('cacheable');
      const { RedisMessageProvider } = await loadPeer<QifiedPackage>('@qified/redis');
      const secondary = await openKeyvRedis(redis);
      const provider = new RedisMessageProvider({ uri: `redis://${bus.host}:${bus.port}` });
      // It listens to its clients' errors by no means itself: a broken connection ends the process.
      for (const client of [provider.pub, provider.sub]) client.on('error', () => undefined);
      const cache = new Cacheable({
        secondary: secondary.keyv,
        tags: byTag,
        ttl: ttlMs,
        sync: { qified: provider },
      });
      cache.on('error', () => undefined);
      return {
        async get<V>(key: string, load: () => Promise<V>) {
          if (!byTag) return cache.getOrSet(key, load, { ttl: ttlMs });
          const cached = await cache.get<V>(key);
          if (cached !== undefined) return cached;
          const value = await load();
          await cache.set(key, value, { ttl: ttlMs, tags: [`tag-${key}`] });
          return value;
        },
        async invalidate(key) {
          await (byTag ? cache.tags.invalidateTag(`tag-${key}`) : cache.delete(key));
        },
        ready: () => secondary.ping(),
        close: () => cache.disconnect(),
      };
    },
  };
}

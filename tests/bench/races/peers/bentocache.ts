/**
 * bentocache as its multi-tier page has it: memoryDriver as L1, redisDriver as L2, redisBusDriver as
 * the bus, `getOrSet`. Once with tags (`deleteByTag`) and once by key (`delete`). Its own defaults
 * otherwise: stampede protection on, retry queue of the bus on, errors of L2 suppressed, JSON.
 */
import { loadPeer } from '../../peers/load.ts';
import type { Peer } from '../peer.ts';
import { connectPeerRedis } from './ioredis-connection.ts';

interface Store {
  useL1Layer(driver: unknown): Store;
  useL2Layer(driver: unknown): Store;
  useBus(driver: unknown): Store;
}
interface Bento {
  getOrSet<V>(options: { key: string; factory: () => Promise<V>; tags?: string[] }): Promise<V>;
  delete(options: { key: string }): Promise<unknown>;
  deleteByTag(options: { tags: string[] }): Promise<unknown>;
  disconnectAll(): Promise<void>;
}
interface Package {
  readonly BentoCache: new (options: object) => Bento;
  bentostore(options?: object): Store;
}
interface RedisDrivers {
  redisDriver(options: object): unknown;
  redisBusDriver(options: object): unknown;
}
interface MemoryDriver {
  memoryDriver(options: object): unknown;
}

const L1_ITEMS_MAX = 10_000;
const RECONNECT_MS = 50;

export const bentocacheByTag = bentocache('bentocache (tags)', true);
export const bentocacheByKey = bentocache('bentocache (keys)', false);

function bentocache(name: string, byTag: boolean): Peer {
  return {
    name,
    async open({ redis, bus, ttlMs }) {
      const { BentoCache, bentostore } = await loadPeer<Package>('bentocache');
      const drivers = await loadPeer<RedisDrivers>('bentocache/drivers/redis');
      const { memoryDriver } = await loadPeer<MemoryDriver>('bentocache/drivers/memory');
      const client = await connectPeerRedis(redis);
      const connection = { ...bus, retryStrategy: () => RECONNECT_MS };
      const store = bentostore()
        .useL1Layer(memoryDriver({ maxItems: L1_ITEMS_MAX }))
        .useL2Layer(drivers.redisDriver({ connection: client }))
        .useBus(drivers.redisBusDriver({ connection }));
      const cache = new BentoCache({ default: 'both', ttl: ttlMs, stores: { both: store } });
      return {
        get: (key, load) =>
          cache.getOrSet({ key, factory: load, ...(byTag ? { tags: [`tag-${key}`] } : {}) }),
        async invalidate(key) {
          await (byTag ? cache.deleteByTag({ tags: [`tag-${key}`] }) : cache.delete({ key }));
        },
        async ready() {
          await client.ping();
        },
        async close() {
          await cache.disconnectAll();
          client.disconnect();
        },
      };
    },
  };
}

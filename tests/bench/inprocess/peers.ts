/**
 * The floor and the peers, each with its memory alone: what a hit costs where nothing is asked of
 * anybody else. The floor is lru-cache with a TTL behind an async function, as applications write it.
 */
import { loadPeer } from '../peers/load.ts';

export interface Reader {
  readonly name: string;
  read(id: string): Promise<unknown>;
  close?(): Promise<void>;
}

type Load = (id: string) => unknown;

interface Lru {
  get(key: string): unknown;
  set(key: string, value: unknown, options?: object): unknown;
  delete(key: string): unknown;
}
interface LruPackage {
  readonly LRUCache: new (options: object) => Lru;
}
interface DedupePackage {
  createCache(options: object): {
    define(name: string, load: (id: string) => Promise<unknown>): unknown;
    readonly cached: (id: string) => Promise<unknown>;
  };
}
interface CachifiedPackage {
  cachified(options: object): Promise<unknown>;
}
interface Bento {
  getOrSet(options: object): Promise<unknown>;
  disconnectAll(): Promise<void>;
}
interface BentoPackage {
  readonly BentoCache: new (options: object) => Bento;
  bentostore(): { useL1Layer(driver: unknown): object };
}
interface BentoMemory {
  memoryDriver(options: object): unknown;
}
interface CacheablePackage {
  readonly Cacheable: new (options: object) => {
    getOrSet(key: string, load: () => Promise<unknown>, options: object): Promise<unknown>;
    disconnect(): Promise<void>;
  };
  createKeyv(options: object): unknown;
}
interface ManagerPackage {
  createCache(options: object): {
    wrap(key: string, load: () => Promise<unknown>, ttl: number): Promise<unknown>;
  };
}

const TTL_MS = 10 * 60_000;
const MS_PER_SECOND = 1_000;
const ITEMS_MAX = 10_000;

/** @param load  makes a value; called once for each id */
export async function openFloor(load: Load, max = ITEMS_MAX): Promise<Reader> {
  const { LRUCache } = await loadPeer<LruPackage>('lru-cache');
  const lru = new LRUCache({ max, ttl: TTL_MS });
  return {
    name: 'lru-cache with ttl, async (floor)',
    async read(id) {
      const cached = lru.get(id);
      if (cached !== undefined) return cached;
      const value = load(id);
      lru.set(id, value);
      return value;
    },
  };
}

export function openMap(load: Load): Reader {
  const map = new Map<string, unknown>();
  return {
    name: 'Map, async',
    async read(id) {
      const cached = map.get(id);
      if (cached !== undefined) return cached;
      const value = load(id);
      map.set(id, value);
      return value;
    },
  };
}

export async function openPeers(load: Load): Promise<Reader[]> {
  return [
    await openDedupe(load),
    await openCachified(load),
    await openBento(load, true),
    await openBento(load, false),
    await openCacheable(load),
    await openManager(load),
  ];
}

async function openDedupe(load: Load): Promise<Reader> {
  const { createCache } = await loadPeer<DedupePackage>('async-cache-dedupe');
  const cache = createCache({
    ttl: TTL_MS / MS_PER_SECOND,
    storage: { type: 'memory', options: { size: ITEMS_MAX } },
  });
  cache.define('cached', async (id) => load(id));
  return { name: 'async-cache-dedupe', read: (id) => cache.cached(id) };
}

async function openCachified(load: Load): Promise<Reader> {
  const { cachified } = await loadPeer<CachifiedPackage>('@epic-web/cachified');
  const { LRUCache } = await loadPeer<LruPackage>('lru-cache');
  const lru = new LRUCache({ max: ITEMS_MAX });
  const cache = {
    get: (key: string) => lru.get(key),
    set: (key: string, entry: unknown) => lru.set(key, entry, { ttl: TTL_MS }),
    delete: (key: string) => lru.delete(key),
  };
  return {
    name: 'cachified on lru-cache',
    read: (id) => cachified({ key: id, cache, ttl: TTL_MS, getFreshValue: () => load(id) }),
  };
}

async function openBento(load: Load, serialize: boolean): Promise<Reader> {
  const { BentoCache, bentostore } = await loadPeer<BentoPackage>('bentocache');
  const { memoryDriver } = await loadPeer<BentoMemory>('bentocache/drivers/memory');
  const store = bentostore().useL1Layer(memoryDriver({ maxItems: ITEMS_MAX, serialize }));
  const cache = new BentoCache({ default: 'memory', ttl: TTL_MS, stores: { memory: store } });
  return {
    name: serialize ? 'bentocache' : 'bentocache, unserialised',
    read: (id) => cache.getOrSet({ key: id, factory: () => load(id) }),
    close: () => cache.disconnectAll(),
  };
}

async function openCacheable(load: Load): Promise<Reader> {
  const { Cacheable } = await loadPeer<CacheablePackage>('cacheable');
  const cache = new Cacheable({ ttl: TTL_MS });
  return {
    name: 'cacheable',
    read: (id) => cache.getOrSet(id, async () => load(id), { ttl: TTL_MS }),
    close: () => cache.disconnect(),
  };
}

async function openManager(load: Load): Promise<Reader> {
  const { createCache } = await loadPeer<ManagerPackage>('cache-manager');
  const { createKeyv } = await loadPeer<CacheablePackage>('cacheable');
  const memory = createKeyv({ ttl: TTL_MS, lruSize: ITEMS_MAX });
  const cache = createCache({ stores: [memory], ttl: TTL_MS });
  return {
    name: 'cache-manager',
    read: (id) => cache.wrap(id, async () => load(id), TTL_MS),
  };
}

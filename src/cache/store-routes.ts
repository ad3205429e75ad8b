/**
 * One StorePort over several: a deployment may keep one cache's entries elsewhere than the others',
 * or share them with nobody. A key tells its cache: `<namespace>/<cache name>:<digest>`.
 */
import type { StorePort } from './coherence/index.ts';
import { nameOfKey } from './key.ts';

/** Shares nothing: every look is a miss, and everybody may load. */
const nowhere: StorePort = {
  get: async () => undefined,
  set: async () => undefined,
  claim: async () => true,
  release: async () => undefined,
};

export interface StoreRoutes {
  readonly others: StorePort | undefined;
  /** By cache name; undefined for those that are shared with nobody. */
  readonly byCache: ReadonlyMap<string, StorePort | undefined>;
}

export function routeStores({ others, byCache }: StoreRoutes): StorePort | undefined {
  if (byCache.size === 0) return others;
  const storeOf = (key: string): StorePort => {
    const name = nameOfKey(key.slice(key.indexOf('/') + 1));
    return (byCache.has(name) ? byCache.get(name) : others) ?? nowhere;
  };
  return {
    get: (key) => storeOf(key).get(key),
    set: (key, entry, ttlMs) => storeOf(key).set(key, entry, ttlMs),
    claim: (key, by, ttlMs) => storeOf(key).claim(key, by, ttlMs),
    release: (key, by) => storeOf(key).release(key, by),
  };
}

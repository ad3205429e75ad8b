/** All peers, in the order of the table. */
import type { Peer } from '../peer.ts';
import { asyncCacheDedupePeer } from './async-cache-dedupe.ts';
import { bentocacheByKey, bentocacheByTag } from './bentocache.ts';
import { cacheManagerPeer } from './cache-manager.ts';
import { cacheableByKey, cacheableByTag } from './cacheable.ts';
import { cachifiedPeer } from './cachified.ts';
import { drizzleCachePeer } from './drizzle-cache.ts';
import { ioredisPeer } from './ioredis.ts';

export const peers: readonly Peer[] = [
  bentocacheByTag,
  bentocacheByKey,
  cacheableByTag,
  cacheableByKey,
  cacheManagerPeer,
  asyncCacheDedupePeer,
  cachifiedPeer,
  drizzleCachePeer,
  ioredisPeer,
];

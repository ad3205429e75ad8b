/** The coherent cache: what an application imports. Knows no tRPC, no Drizzle, no domain word. */
export type { Beside } from './beside.ts';
export { ALL_CACHES, cacheTag, ownerTag } from './cache.ts';
export type {
  Cache,
  CacheOptions,
  CacheRead,
  CacheReport,
  CacheStatus,
  Coverage,
  KnownDefinition,
  LoadScope,
  Place,
  SharedOptions,
} from './cache.ts';
export { createCache } from './create-cache.ts';
export { textOfValue, type StoredText } from './codec/value.ts';
export { CacheError, type CacheErrorCode } from './errors.ts';
export { defineCacheFor } from './options.ts';
export type { CacheDefinition, CacheFreshness, LoadContext } from './options.ts';
export type { Journal, JournalStatus } from './journals/journal.ts';
export { createLocalHub, type LocalHub } from './journals/local-journal.ts';
export {
  createPostgresJournal,
  type NotifyConnection,
  type PostgresJournalOptions,
} from './journals/postgres-journal.ts';
export { createRedisJournal, type RedisJournalOptions } from './journals/redis-journal.ts';
export { connectRedis, type RedisConnection } from './redis/connection.ts';
export type { SharedStoreCounts } from './shared-store.ts';
export type { BreakerEvent, BreakerOptions } from './stores/breaker.ts';
export { createLocalByteStore } from './stores/local-byte-store.ts';
export { MemoryStore } from './stores/memory-store.ts';
export {
  createPostgresStore,
  type PostgresStore,
  type PostgresStoreOptions,
} from './stores/postgres-store.ts';
export { createRedisStore, type RedisStoreOptions } from './stores/redis-store.ts';
export type { ByteStore, StoreDescription } from './stores/store.ts';

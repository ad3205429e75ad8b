/**
 * `greenroom/drizzle`: what a table's rows invalidate, the migrations that make the database record
 * it, and the cache put together on a PostgreSQL. The parts are there for who composes them otherwise.
 */
export { openDrizzleCache, type DrizzleCache, type DrizzleCacheOptions } from './drizzle-cache.ts';
export { openDatabase, type Database, type DatabaseOptions } from '../db/client.ts';
export { cacheMigration } from '../db/coherence-sql.ts';
export { createDirectory, outboxTags, type DirectoryOptions } from '../db/directory.ts';
export { invalidateTags } from '../db/invalidate.ts';
export {
  createNotifications,
  type Notifications,
  type NotificationsOptions,
} from '../db/notifications.ts';
export {
  createReader,
  ReadOnlyError,
  type ReadDb,
  type Reader,
  type Recording,
} from '../db/read.ts';
export { statementRunner, type RunStatement } from '../db/statements.ts';
export { createTagRegistry, type TagRegistry } from '../db/tag-registry.ts';
export {
  declareTags,
  TagError,
  type TableEvent,
  type TableTags,
  type TagBuilder,
} from '../db/tags.ts';
export { findTriggerDrift, type TriggerDrift } from '../db/trigger-check.ts';
export { generateTriggers, triggerMigration, type GeneratedTriggers } from '../db/triggers.ts';
export {
  createWrite,
  type CommittedWrite,
  type Write,
  type WriteOptions,
  type WriteTx,
} from '../db/write.ts';

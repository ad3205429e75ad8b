/**
 * The tables of the coherence protocol (docs/coherence.md), which are logged: what they record must
 * survive a crash together with the rows that it is about. And those of the shared cache, which
 * are not.
 */
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  pgTable,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';

/** A transaction id with its epoch, as PostgreSQL's `xid8`: never reused. */
const xid8 = customType<{ data: number; driverData: string }>({
  dataType: () => 'xid8',
  fromDriver: Number,
  toDriver: String,
});

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** One row per writing statement that changed rows, written by triggers in its own transaction. */
export const cacheOutbox = pgTable(
  'cache_outbox',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    xid: xid8('xid').notNull(),
    tags: text('tags').array().notNull(),
  },
  (table) => [index('cache_outbox_xid').on(table.xid)],
);

/** One row per live process. `beat` is the transaction id of its last renewal. */
export const cacheMembers = pgTable('cache_members', {
  id: text('id').primaryKey(),
  beat: xid8('beat').notNull(),
});

/** The trim mark, one row: below it the outbox may lack rows. It only grows. */
export const cacheTrim = pgTable('cache_trim', {
  only: boolean('only').primaryKey().default(true),
  mark: xid8('mark').notNull(),
});

/**
 * The shared cache without Redis (src/cache/stores/postgres-store.ts). Both tables are UNLOGGED,
 * which a migration by hand says, because drizzle cannot: nobody relies on what they hold.
 */
export const cacheEntries = pgTable(
  'cache_entries',
  {
    key: text('key').primaryKey(),
    value: bytea('value').notNull(),
    /** Length of the value, so that the sum needs no value. */
    bytes: integer('bytes').notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [index('cache_entries_expiry').on(table.expiresAt)],
);

/** Who loads a key now, so that the others wait. */
export const cacheClaims = pgTable('cache_claims', {
  key: text('key').primaryKey(),
  holder: text('holder').notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
});

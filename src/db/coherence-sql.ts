/**
 * The tables that the cache needs in a database, as a migration for other applications: those of
 * schema/coherence.ts, which a test holds it to. PostgreSQL 15 or later.
 */
import type { TagRegistry } from './tag-registry.ts';
import { triggerMigration } from './triggers.ts';

/** Between statements, as drizzle-kit writes them; to PostgreSQL it is a comment. */
const BREAK = '\n--> statement-breakpoint\n';

const STATEMENTS = [
  `CREATE TABLE "cache_outbox" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "xid" xid8 NOT NULL,
  "tags" text[] NOT NULL
);`,
  `CREATE INDEX "cache_outbox_xid" ON "cache_outbox" USING btree ("xid");`,
  `CREATE TABLE "cache_members" (
  "id" text PRIMARY KEY,
  "beat" xid8 NOT NULL
);`,
  `CREATE TABLE "cache_trim" (
  "only" boolean PRIMARY KEY DEFAULT true,
  "mark" xid8 NOT NULL
);`,
  `INSERT INTO "cache_trim" ("only", "mark") VALUES (true, '0');`,
  `-- The shared cache without Redis: it may be lost at any time, so it is kept out of the log.
CREATE UNLOGGED TABLE "cache_entries" (
  "key" text PRIMARY KEY,
  "value" bytea NOT NULL,
  "bytes" integer NOT NULL,
  "expires_at" timestamp with time zone NOT NULL
);`,
  `-- Its values are compressed already.
ALTER TABLE "cache_entries" ALTER COLUMN "value" SET STORAGE EXTERNAL;`,
  `CREATE INDEX "cache_entries_expiry" ON "cache_entries" USING btree ("expires_at");`,
  `CREATE UNLOGGED TABLE "cache_claims" (
  "key" text PRIMARY KEY,
  "holder" text NOT NULL,
  "expires_at" timestamp with time zone NOT NULL
);`,
];

/**
 * The first migration: the cache's tables, and the triggers of the tables that declare tags. When a
 * declaration is added or changed later, `triggerMigration` alone is the next one.
 */
export function cacheMigration(registry: TagRegistry): string {
  return [...STATEMENTS, triggerMigration(registry.tables)].join(BREAK);
}

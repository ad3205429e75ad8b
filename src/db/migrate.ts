/**
 * Brings a database to the schema of this version: the files of `drizzle/`, in order,
 * each once. Any number of processes may start at the same moment: an advisory lock
 * lets one work and the others find nothing left to do. Needs a direct connection, since
 * a pooler between statements would lose the lock.
 */
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { MINUTE } from '../config/duration.ts';

export interface MigrateOptions {
  /** Default: `drizzle/` beside `src` or `dist`. */
  folder?: string;
}

/** Any number that nobody else locks in this database: "greenroom" in hexadecimal letters' places. */
const ADVISORY_LOCK = 7_203_317_421;
const CONNECT_SECONDS_MAX = 2;
/** For the lock above and for those of tables: a migration behind a forgotten session fails. */
const LOCK_MS_MAX = MINUTE;

export async function migrate(url: string, options: MigrateOptions = {}): Promise<void> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: CONNECT_SECONDS_MAX,
    connection: { application_name: 'greenroom-migrate', lock_timeout: LOCK_MS_MAX },
    onnotice: () => undefined,
  });
  try {
    await sql`select pg_advisory_lock(${ADVISORY_LOCK})`;
    await runMigrations(drizzle(sql), {
      migrationsFolder: options.folder ?? fileURLToPath(new URL('../../drizzle', import.meta.url)),
    });
  } finally {
    // Ending the session releases the lock.
    await sql.end({ timeout: CONNECT_SECONDS_MAX });
  }
}

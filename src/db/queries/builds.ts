/** Successful builds, by the SHA-256 of what was compiled. */
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import type { ReadDb } from '../read.ts';
import { builds } from '../schema/index.ts';

export async function findBuild(db: ReadDb, key: string) {
  const [build] = await db.select().from(builds).where(eq(builds.key, key));
  return build;
}

/**
 * Content-addressed: whoever writes a key writes the same row, and inserting one changes no
 * cached result. So it needs no transaction and no waiting for anybody.
 */
export function createBuildKeeper(write: Sql) {
  const db = drizzle(write);
  return async (build: typeof builds.$inferInsert): Promise<void> => {
    await db.insert(builds).values(build).onConflictDoNothing();
  };
}

/** Deletes builds older than this and answers how many; they are built again when asked for. */
export function createBuildCleaner(write: Sql) {
  const db = drizzle(write);
  return async (ageMs: number): Promise<number> => {
    const rows = await db
      .delete(builds)
      .where(sql`${builds.createdAt} < now() - ${ageMs} * interval '1 millisecond'`)
      .returning({ key: builds.key });
    return rows.length;
  };
}

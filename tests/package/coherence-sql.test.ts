/** The migration that other applications add makes the tables that our own migrations make. */
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { cacheMigration } from '../../src/db/coherence-sql.ts';
import { createTagRegistry } from '../../src/db/tag-registry.ts';
import { createTestDatabase } from '../fixtures/database.ts';

/** Columns, indexes and what else decides how the cache's tables behave, one a line. */
async function describeTables(url: string, before = ''): Promise<string[]> {
  const sql = postgres(url, { max: 1 });
  try {
    await sql.unsafe(before);
    const rows = await sql<{ line: string }[]>`
      SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
               a.attnotnull, a.attidentity, a.attstorage, pg_get_expr(d.adbin, d.adrelid),
               c.relpersistence) AS line
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       WHERE c.relname LIKE 'cache\_%' AND c.relkind = 'r'
      UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'cache\_%'
      UNION ALL SELECT 'mark ' || mark::text FROM cache_trim
      ORDER BY 1`;
    return rows.map(({ line }) => line);
  } finally {
    await sql.end();
  }
}

it('the migration for other applications makes the same tables as ours', async () => {
  await using ours = await createTestDatabase();
  await using theirs = await createTestDatabase({ migrated: false });
  const expected = await describeTables(ours.url);
  expect(expected).toContain('mark 0');
  const made = await describeTables(theirs.url, cacheMigration(createTagRegistry([])));
  expect(made).toEqual(expected);
});

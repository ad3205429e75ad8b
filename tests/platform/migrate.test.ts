/** Migrations: once each, whoever comes first. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { tagRegistry } from '../../src/db/schema/index.ts';
import { findTriggerDrift } from '../../src/db/trigger-check.ts';
import { createTestDatabase } from '../fixtures/database.ts';

const FOLDER = fileURLToPath(new URL('../../drizzle', import.meta.url));

interface MigrationJournal {
  readonly entries: readonly unknown[];
}

async function readJournal(): Promise<MigrationJournal> {
  return JSON.parse(await readFile(path.join(FOLDER, 'meta/_journal.json'), 'utf8'));
}

it('applies every migration once, with four processes at the same moment and again later', async () => {
  await using database = await createTestDatabase({ migrated: false });
  await Promise.all(Array.from({ length: 4 }, () => migrate(database.url)));
  await migrate(database.url);

  const { entries } = await readJournal();
  const sql = postgres(database.url, { max: 1 });
  const applied = await sql`select hash from drizzle.__drizzle_migrations`;
  const locks = await sql`
    select from pg_locks l join pg_database d on d.oid = l.database
     where l.locktype = 'advisory' and d.datname = current_database()`;
  await sql.end();
  expect(applied).toHaveLength(entries.length);
  expect(locks).toHaveLength(0);
});

it('brings the oldest database up to this version, with what is in it', async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'greenroom-migrations-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  await cp(FOLDER, folder, { recursive: true });
  const journal = await readJournal();
  const oldest = { ...journal, entries: journal.entries.slice(0, 1) };
  await writeFile(path.join(folder, 'meta/_journal.json'), JSON.stringify(oldest));
  await migrate(database.url, { folder });
  const sql = postgres(database.url, { max: 1 });
  parts.defer(() => sql.end());
  await sql`INSERT INTO users (name, email, username) VALUES ('ada', 'ada@example.com', 'ada')`;
  await sql`INSERT INTO projects (owner_id, name) SELECT id, 'old' FROM users`;
  await migrate(database.url);
  expect(await findTriggerDrift(sql, tagRegistry.tables)).toEqual([]);
  expect(await sql`SELECT name FROM projects`).toEqual([{ name: 'old' }]);
});

it('fails when the database cannot be reached', async () => {
  await expect(migrate('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

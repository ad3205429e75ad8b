/** What an application is told when its database is not ready for the cache. */
import { pgTable, uuid } from 'drizzle-orm/pg-core';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import {
  cacheMigration,
  createTagRegistry,
  declareTags,
  openDrizzleCache,
  triggerMigration,
} from '../../src/package/drizzle.ts';
import { createTestDatabase } from '../fixtures/database.ts';

const notes = pgTable('notes', { id: uuid('id').primaryKey() });
const tags = createTagRegistry([declareTags(notes, { one: 'note:{id}' })]);
const definition = {
  name: 'notes',
  tags: () => ['table:notes'],
  load: async (_args: object, { db }: { db: { $count(table: typeof notes): Promise<number> } }) =>
    db.$count(notes),
};

async function execute(url: string, text: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  await sql.unsafe(text);
  await sql.end();
}

it('a database without the cache\u2019s tables is refused, with what to do', async () => {
  await using database = await createTestDatabase({ migrated: false });
  const opening = openDrizzleCache({ database, tags, version: '1', strict: true });
  await expect(opening).rejects.toThrow(/cacheMigration\(\)/);
});

it('what reads a table without its triggers is told of, and not kept until it has them', async () => {
  await using database = await createTestDatabase({ migrated: false });
  await execute(database.url, 'CREATE TABLE notes (id uuid PRIMARY KEY)');
  await execute(database.url, cacheMigration(createTagRegistry([])));
  const outcomes = async () => {
    const drifted: string[] = [];
    await using opened = await openDrizzleCache({
      database,
      tags,
      version: '1',
      strict: false,
      onDrift: ({ tableName }) => drifted.push(tableName),
    });
    const first = await opened.cache.read(definition, {});
    const second = await opened.cache.read(definition, {});
    expect([first.value, second.value]).toEqual([0, 0]);
    return { drifted, outcome: second.outcome };
  };
  const before = await outcomes();
  expect(before.drifted).toEqual(['notes']);
  expect(before.outcome).not.toBe('hit');
  await execute(database.url, triggerMigration(tags.tables));
  expect(await outcomes()).toEqual({ drifted: [], outcome: 'hit' });
});

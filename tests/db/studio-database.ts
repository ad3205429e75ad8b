/**
 * A migrated database of the test's own with small pools, and people and projects to write about:
 * `await using studio = await openStudioDatabase()`.
 */
import { randomUUID } from 'node:crypto';
import { openDatabase, type Database, type Sql } from '../../src/db/client.ts';
import { createTestDatabase } from '../fixtures/database.ts';

export interface StudioDatabase extends AsyncDisposable {
  readonly url: string;
  readonly database: Database;
  /** The pool that writes: statements behind the API's back. */
  readonly sql: Sql;
  addUser(): Promise<string>;
  addProject(ownerId: string): Promise<string>;
  /** Distinct tags, sorted, of the outbox rows that the work left behind. */
  recorded(work: () => Promise<unknown>): Promise<string[]>;
}

export async function openStudioDatabase(): Promise<StudioDatabase> {
  const { url, [Symbol.asyncDispose]: drop } = await createTestDatabase();
  const database = openDatabase({ url, readConnectionsMax: 3, writeConnectionsMax: 4 });
  const sql = database.write;
  return {
    url,
    database,
    sql,
    async addUser() {
      const name = randomUUID();
      const [row] = await sql<{ id: string }[]>`
        insert into users (name, email, username) values (${name}, ${name}, ${name}) returning id`;
      return row?.id ?? '';
    },
    async addProject(ownerId) {
      const [row] = await sql<{ id: string }[]>`
        insert into projects (owner_id, name) values (${ownerId}, 'a project') returning id`;
      return row?.id ?? '';
    },
    async recorded(work) {
      const [last] = await sql<{ id: string }[]>`
        select coalesce(max(id), 0) as id from cache_outbox`;
      await work();
      const rows = await sql<{ tag: string }[]>`
        select distinct unnest(tags) as tag from cache_outbox where id > ${last?.id ?? 0}`;
      return rows.map(({ tag }) => tag).toSorted();
    },
    async [Symbol.asyncDispose]() {
      await database.close();
      await drop();
    },
  };
}

import { count, eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { createReader, ReadOnlyError } from '../../src/db/read.ts';
import { members, projects, scenes, users } from '../../src/db/schema/index.ts';
import { runSql } from '../fixtures/sql.ts';
import { openStudioDatabase } from './studio-database.ts';

describe('the handle that reads', () => {
  it('records which tables each load touched, apart from other loads', async () => {
    await using studio = await openStudioDatabase();
    const reader = await createReader(studio.database.read);
    const [one, two, none] = [reader.record(), reader.record(), reader.record()];
    const ofProjects = one.db.$with('mine').as(one.db.select().from(projects));
    await Promise.all([
      one.db
        .with(ofProjects)
        .select({ n: count() })
        .from(ofProjects)
        .leftJoin(members, sql`true`),
      two.db.select().from(users).where(eq(users.role, 'admin')),
      two.db.$count(scenes),
      two.db.execute(sql`select 1 from pg_catalog.pg_class`),
    ]);
    expect([...one.touched()].toSorted()).toEqual(['members', 'projects']);
    expect([...two.touched()].toSorted()).toEqual(['pg_catalog.pg_class', 'scenes', 'users']);
    expect([...none.touched()]).toEqual([]);
  });

  it('records a table although the statement fails', async () => {
    await using studio = await openStudioDatabase();
    const { db, touched } = (await createReader(studio.database.read)).record();
    await expect(db.execute(sql`select 1 / 0 from users`)).rejects.toThrow();
    expect([...touched()]).toEqual(['users']);
  });

  it.each([
    'insert into builds (key, code, map, warnings, bytes) values (1, 1, 1, 1, 1)',
    'set default_transaction_read_only = off',
    'set session characteristics as transaction read write',
    'set transaction read write',
    'begin read write',
    'reset all',
    `select set_config('default_transaction_read_only', 'off', false)`,
    `select 1; set default_transaction_read_only = off`,
    `do $$ begin set default_transaction_read_only = off; end $$`,
    'truncate users',
  ])('does not send what is no query: %s', async (statement) => {
    await using studio = await openStudioDatabase();
    const reader = await createReader(studio.database.read);
    for (const db of [reader.db, reader.record().db]) {
      await expect(db.execute(sql.raw(statement))).rejects.toThrow(ReadOnlyError);
    }
  });

  it.each([
    'with gone as (delete from users returning id) select * from gone',
    'select * into copied from users',
    `select nextval('cache_outbox_id_seq')`,
    'select write_behind_a_function()',
    'select * from users for update',
  ])('is refused by the server where a query writes: %s', async (statement) => {
    await using studio = await openStudioDatabase();
    await runSql(
      studio.url,
      `create function write_behind_a_function() returns void language sql
         as $$ delete from users $$`,
    );
    const { db } = await createReader(studio.database.read);
    await expect(db.execute(sql.raw(statement))).rejects.toMatchObject({
      cause: { code: '25006' },
    });
  });

  it('needs both: the server alone lets a session lift its own refusal', async () => {
    await using studio = await openStudioDatabase();
    const { read, close } = openDatabase({ url: studio.url, readConnectionsMax: 1 });
    const write = `insert into users (name, email, username) values ('n', 'e', 'u')`;
    await expect(read.unsafe(write)).rejects.toMatchObject({ code: '25006' });
    await read.unsafe('set default_transaction_read_only = off');
    await read.unsafe(write);
    await close();
    expect(await studio.sql`select name from users`).toEqual([{ name: 'n' }]);
  });
});

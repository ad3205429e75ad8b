/** The connections of one process: what each kind may do, how many there are, how they fail. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertReadOnly, type DatabaseOptions, openDatabase } from '../../src/db/client.ts';
import { createTestDatabase } from '../fixtures/database.ts';

async function open(options: Partial<DatabaseOptions> = {}) {
  const { url, [Symbol.asyncDispose]: drop } = await createTestDatabase({ migrated: false });
  const database = openDatabase({ url, ...options });
  await database.write`create table notes (id int primary key)`;
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await drop();
    },
  };
}

describe('the connections that read', () => {
  it.each([
    'insert into notes values (1)',
    'update notes set id = 2',
    'delete from notes',
    'truncate notes',
    'create table more (id int)',
    'with gone as (delete from notes returning id) select * from gone',
  ])('are refused by the server: %s', async (statement) => {
    await using database = await open();
    await expect(database.read.unsafe(statement)).rejects.toMatchObject({ code: '25006' });
  });

  it('are refused inside a transaction too', async () => {
    await using database = await open();
    const writing = database.read.begin((tx) => tx`insert into notes values (1)`);
    await expect(writing).rejects.toMatchObject({ code: '25006' });
  });

  it('are checked to be read-only, and others are told apart', async () => {
    await using database = await open();
    await assertReadOnly(database);
    await expect(assertReadOnly({ read: database.write })).rejects.toThrow(/not read-only/);
  });

  it('end a query that takes too long', async () => {
    await using database = await open({ readMsMax: 50 });
    await expect(database.read`select pg_sleep(30)`).rejects.toMatchObject({ code: '57014' });
  });
});

it('opens at most 14 connections to read, 5 to write and 1 for the lease', async () => {
  await using database = await open();
  const { read, write, lease } = database;
  await Promise.all(
    [read, write, lease].flatMap((sql) =>
      Array.from({ length: 60 }, () => sql`select pg_sleep(0.01)`),
    ),
  );
  const rows = await read<{ name: string; count: number }[]>`
    select application_name as name, count(*)::int as count from pg_stat_activity
     where datname = current_database() and backend_type = 'client backend'
     group by 1 order by 1`;
  expect(rows).toEqual([
    { name: 'greenroom-lease', count: 1 },
    { name: 'greenroom-read', count: 14 },
    { name: 'greenroom-write', count: 5 },
  ]);
});

it('bounds every statement and every transaction that idles', async () => {
  await using database = await open({ writeMsMax: 4000, leaseMsMax: 1500 });
  const settings = await Promise.all(
    [database.read, database.write, database.lease].map(async (sql) => {
      const [row] = await sql<{ statement: string; idle: string }[]>`
        select current_setting('statement_timeout') as statement,
               current_setting('idle_in_transaction_session_timeout') as idle`;
      return row;
    }),
  );
  expect(settings).toEqual([
    { statement: '10s', idle: '10s' },
    { statement: '4s', idle: '10s' },
    { statement: '1500ms', idle: '10s' },
  ]);
});

it('works again after its connections were cut', async () => {
  await using database = await open();
  const [row] = await database.lease<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await database.write`select pg_terminate_backend(${row?.pid ?? 0})`;
  // What is sent before the end of the connection is noticed fails; it must not go on failing.
  await expect
    .poll(() => database.lease`select 1 as one`.catch(() => 'not yet'))
    .toEqual([{ one: 1 }]);
});

it('gives up a server that accepts and says nothing after two seconds', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const database = openDatabase({ url: `postgres://nobody@127.0.0.1:${port}/none` });
  const begun = performance.now();
  await expect(database.read`select 1`).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' });
  // The driver's own patience is thirty seconds.
  expect(performance.now() - begun).toBeLessThan(15_000);
  await database.close();
  silent.close();
});

/** PostgreSQL as shared store and journal: its tables away, its connections ended, its rows old. */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresStore } from '../../src/cache/index.ts';
import { statementRunner } from '../../src/db/statements.ts';
import { createTestDatabase, type TestDatabase } from '../fixtures/database.ts';
import { runSql } from '../fixtures/sql.ts';
import { until } from '../contract/when-ready.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { howOf, projectKey } from './member.ts';
import { shareByPostgres } from './sharing.ts';

/** Long: within it the others answer a write, also on a busy machine. */
const LEASE_MS = 5_000;

describe('processes that share through PostgreSQL', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await createFleet({
      members: 2,
      share: shareByPostgres(),
      leaseMs: LEASE_MS,
      breaker: { retryMs: 100, retryMsMax: 400 },
    });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());
  beforeEach(() => fleet.settled());

  async function expectRight(project: string): Promise<void> {
    const name = randomUUID();
    await fleet.members[0]!.rename(project, name);
    for (const member of fleet.members) expect(await member.name(project)).toBe(name);
  }

  it('answer from the source while the table of entries is missing, and use it when it is back', async () => {
    const project = await fleet.addProject('0');
    await runSql(fleet.databaseUrl, 'ALTER TABLE cache_entries RENAME TO elsewhere');
    for (let round = 0; round < 8; round += 1) await expectRight(project);
    expect(fleet.members[0]!.cache.report().shared?.breakers).toMatchObject({ read: 'open' });
    expect(howOf(fleet.members[0]!)).toBe('answered');
    await runSql(fleet.databaseUrl, 'ALTER TABLE elsewhere RENAME TO cache_entries');
    await fleet.settled();
    await expectRight(project);
  });

  it('go on after every connection was ended, and tell each other of writes again', async () => {
    const project = await fleet.addProject('0');
    await runSql(
      fleet.databaseUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await until(async () => {
      await expectRight(project);
      return true;
    });
    await fleet.settled();
    await fleet.members[1]!.rename(project, 'after');
    expect(howOf(fleet.members[1]!)).toBe('answered');
    expect(await fleet.members[0]!.name(project)).toBe('after');
  });

  it('do not take an entry that was put back, as of before a write', async () => {
    const project = await fleet.addProject('old');
    await fleet.members[0]!.name(project);
    const saved = `saved_${randomUUID().replaceAll('-', '')}`;
    const isStored = `SELECT FROM cache_entries WHERE key LIKE '%${projectKey(project)}'`;
    await until(async () => (await runSql(fleet.databaseUrl, isStored)).length > 0);
    await runSql(fleet.databaseUrl, `CREATE TABLE ${saved} AS SELECT * FROM cache_entries`);
    await fleet.members[0]!.rename(project, 'new');
    await runSql(
      fleet.databaseUrl,
      `TRUNCATE cache_entries; INSERT INTO cache_entries SELECT * FROM ${saved}`,
    );
    const before = fleet.members[1]!.events.length;
    expect(await fleet.members[1]!.name(project)).toBe('new');
    const seen = fleet.members[1]!.events.slice(before).map(({ type }) => type);
    expect(seen).toContain('store-unusable');
  });
});

describe('the tables of the shared cache', () => {
  let database: TestDatabase;
  let sql: postgres.Sql;

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = postgres(database.url, { max: 2 });
  });
  afterAll(async () => {
    await sql?.end();
    await database?.[Symbol.asyncDispose]();
  });
  const open = (bytesMax?: number) =>
    createPostgresStore({
      read: statementRunner(sql),
      write: statementRunner(sql),
      ...(bytesMax === undefined ? {} : { bytesMax }),
    });
  const keysLeft = async (): Promise<string[]> => {
    const rows = await sql<{ key: string }[]>`SELECT key FROM cache_entries ORDER BY key`;
    return rows.map(({ key }) => key);
  };

  it('are unlogged, and PostgreSQL does not compress what is compressed', async () => {
    const rows = await sql`
      SELECT relname, relpersistence FROM pg_class WHERE relname IN ('cache_entries', 'cache_claims')`;
    expect(rows.map(({ relpersistence }) => relpersistence)).toEqual(['u', 'u']);
    const [column] = await sql`
      SELECT attstorage FROM pg_attribute
       WHERE attrelid = 'cache_entries'::regclass AND attname = 'value'`;
    expect(column?.['attstorage']).toBe('e');
  });

  it('are read by one statement for a hit, and one for a batch, each by the index', async () => {
    await open().set('a', new Uint8Array(10), 60_000);
    const statements: { text: string; parameters: readonly unknown[] }[] = [];
    const read = statementRunner(sql);
    const store = createPostgresStore({
      write: statementRunner(sql),
      read(text, parameters) {
        statements.push({ text, parameters });
        return read(text, parameters);
      },
    });
    expect(await store.get('a')).toHaveLength(10);
    expect(await store.getMany(['a', 'b', 'a'])).toHaveLength(3);
    expect(statements).toHaveLength(2);
    await sql.begin(async (tx) => {
      // Of a table with one row, reading it whole is cheaper.
      await tx`SET LOCAL enable_seqscan = off`;
      const plans = await Promise.all(
        statements.map(({ text, parameters }) =>
          tx.unsafe(`EXPLAIN ${text}`, parameters as string[]),
        ),
      );
      for (const plan of plans) expect(JSON.stringify(plan)).toContain('cache_entries_pkey');
    });
  });

  it('lose expired rows at a clean-up, and no others', async () => {
    await sql`TRUNCATE cache_entries`;
    const store = open();
    await store.set('lasting', new Uint8Array(10), 60_000);
    await store.set('expired', new Uint8Array(10), 60_000);
    await sql`UPDATE cache_entries SET expires_at = now() - interval '1 second' WHERE key = 'expired'`;
    expect(await store.cleanUp()).toBe(1);
    expect(await keysLeft()).toEqual(['lasting']);
    expect(await store.cleanUp()).toBe(0);
  });

  it('are kept within their bound: what would expire soonest goes first', async () => {
    await sql`TRUNCATE cache_entries`;
    const store = open(250);
    for (const [key, ttlMs] of [
      ['a', 10_000],
      ['b', 40_000],
      ['c', 20_000],
      ['d', 30_000],
    ] as const) {
      await store.set(key, new Uint8Array(100), ttlMs);
    }
    expect(await store.cleanUp()).toBe(2);
    expect(await keysLeft()).toEqual(['b', 'd']);
    expect(await store.describe()).toMatchObject({ kind: 'postgres', entries: 2, bytes: 200 });
  });
});

import fc from 'fast-check';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import type { Since } from '../../src/cache/coherence/index.ts';
import { createDirectory } from '../../src/db/directory.ts';
import { until } from '../contract/when-ready.ts';
import { runSql } from '../fixtures/sql.ts';
import { openStudioDatabase } from './studio-database.ts';

async function openDirectory() {
  const studio = await openStudioDatabase();
  return { studio, directory: createDirectory(studio.database) };
}

describe('members', () => {
  it('beat with a value that never comes again, whoever beats', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    const beats: string[] = [];
    for (let round = 0; round < 20; round += 1) beats.push(await directory.beat('one'));
    const others = ['one', 'two', 'three', 'one'].map((id) => directory.beat(id));
    beats.push(...(await Promise.all(others)));
    await directory.leave('one');
    beats.push(await directory.beat('one'));
    expect(new Set(beats).size).toBe(25);
    const seen = (await directory.observe(undefined)).beats;
    expect([...seen.keys()].toSorted()).toEqual(['one', 'three', 'two']);
    expect(seen.get('one')).toBe(beats.at(-1));
    expect((await directory.members()).toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('are reaped with the beat that was seen, in the database where it was seen, and only then', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    const seen = await directory.beat('dead');
    await directory.beat('alive');
    const newer = await directory.beat('dead');
    const { identity } = await directory.observe(undefined);
    await directory.reap({ id: 'dead', beat: seen, identity });
    expect(await directory.members()).toContain('dead');
    await directory.reap({ id: 'dead', beat: newer, identity: 'of the server before' });
    expect(await directory.members()).toContain('dead');
    await directory.reap({ id: 'dead', beat: newer, identity });
    expect(await directory.members()).toEqual(['alive']);
  });

  it('have committed their beat when they are told of it', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    const beat = await directory.beat(`it's "me"`);
    expect(await studio.database.read`select id, beat::text from cache_members`).toEqual([
      { id: `it's "me"`, beat },
    ]);
  });
});

describe('an observation', () => {
  it('has exactly what was committed since the one before, in whatever order', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    const writers = 3;
    const step = fc.oneof(
      fc.record({
        do: fc.constantFrom(
          'write' as const,
          'write' as const,
          'commit' as const,
          'rollback' as const,
        ),
        writer: fc.nat(writers - 1),
      }),
      fc.constant({ do: 'observe' as const, writer: 0 }),
    );
    const pool = postgres(studio.url, { max: writers, onnotice: () => undefined });
    const connections = await Promise.all(Array.from({ length: writers }, () => pool.reserve()));
    let since: Since | undefined;
    let counter = 0;

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
        const open = new Map<number, string[]>();
        let expected: string[] = [];
        const end = async (writer: number, how: 'commit' | 'rollback') => {
          if (!open.has(writer)) return;
          await connections[writer]!.unsafe(how);
          if (how === 'commit') expected.push(...open.get(writer)!);
          open.delete(writer);
        };
        const observe = async () => {
          const seen = await directory.observe(since);
          since = { horizon: seen.xmin, snapshot: seen.snapshot };
          const tags = seen.rows.flatMap((row) => row.tags);
          expect(tags.toSorted()).toEqual(expected.toSorted());
          for (const { xid } of seen.rows) expect(xid).toBeGreaterThan(0);
          expected = [];
        };
        for (const { do: action, writer } of steps) {
          if (action === 'observe') await observe();
          else if (action !== 'write') await end(writer, action);
          else {
            const connection = connections[writer]!;
            if (!open.has(writer)) await connection.unsafe('begin');
            const tag = `tag ${counter++}`;
            await connection`
              insert into cache_outbox (xid, tags) values (pg_current_xact_id(), ${[tag]})`;
            open.set(writer, [...(open.get(writer) ?? []), tag]);
          }
        }
        for (const writer of [2, 0, 1]) await end(writer, writer === 0 ? 'rollback' : 'commit');
        await observe();
        await observe();
      }),
      { numRuns: 15 },
    );
    for (const connection of connections) connection.release();
    await pool.end();
  });

  it('keeps its xmin below a transaction that is open, and says what a first one must know', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    const tags = [`a "b" 'c'`, '{d,e}', '', 'ä\n💡'];
    await studio.sql`
      insert into cache_outbox (xid, tags) values (pg_current_xact_id(), ${tags})`;
    const hanging = postgres(studio.url, { max: 1 });
    const connection = await hanging.reserve();
    await connection.unsafe('begin');
    const [open] = await connection<{ xid: string }[]>`select pg_current_xact_id()::text as xid`;
    const seen = await directory.observe(undefined);
    // Not equal: snapshots see the transactions of other databases of the server too.
    expect(seen.xmin).toBeLessThanOrEqual(Number(open?.xid));
    expect(seen.rows).toEqual([{ xid: expect.any(Number) as number, tags }]);
    expect(seen.trimMark).toBe(0);
    await connection.unsafe('rollback');
    connection.release();
    await hanging.end();
    // Those of other databases, which are as old, may last a while.
    await until(async () => (await directory.observe(undefined)).xmin > Number(open?.xid), 60_000);
  });

  it('names the database: another one differs, and so does an outbox that was made anew', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    const { studio: otherStudio, directory: other } = await openDirectory();
    await using _other = otherStudio;
    const identityOf = async (one: typeof directory) => (await one.observe(undefined)).identity;
    const identity = await identityOf(directory);
    expect(identity).toMatch(/^\d+\.[0-9A-F]{8}\.\d+\.\d+$/);
    expect(await identityOf(directory)).toBe(identity);
    expect(await identityOf(other)).not.toBe(identity);
    await runSql(
      studio.url,
      `create table made_anew (like cache_outbox including all);
       drop table cache_outbox; alter table made_anew rename to cache_outbox`,
    );
    expect(await identityOf(directory)).not.toBe(identity);
  });

  it('fails, rather than answer half, where a table is missing', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    await runSql(studio.url, 'drop table cache_members');
    await expect(directory.observe(undefined)).rejects.toMatchObject({ code: '42P01' });
  });
});

describe('a trim', () => {
  it('deletes the oldest whole transactions, never the newest rows, and raises the mark', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    const { sql } = studio;
    const trims = fc.record({
      xids: fc.array(fc.integer({ min: 5, max: 14 }), { maxLength: 14 }),
      below: fc.integer({ min: 4, max: 16 }),
      rowsKept: fc.nat(8),
      rowsDeletedMax: fc.integer({ min: 1, max: 8 }),
      markBefore: fc.constantFrom(0, 9),
    });
    await fc.assert(
      fc.asyncProperty(trims, async ({ xids, markBefore, ...request }) => {
        await sql`truncate cache_outbox`;
        await sql`update cache_trim set mark = ${String(markBefore)}::xid8`;
        await sql`
          insert into cache_outbox (xid, tags)
          select xid::xid8, '{}' from unnest(${xids.map(String)}::text[]) xid`;
        await directory.trim(request);
        const rows = await sql<
          { xid: string }[]
        >`select xid::text from cache_outbox order by cache_outbox.xid`;
        const [trim] = await sql<{ mark: string }[]>`select mark::text from cache_trim`;

        const sorted = xids.toSorted((a, b) => a - b);
        const left = rows.map(({ xid }) => Number(xid));
        const gone = sorted.slice(0, sorted.length - left.length);
        const last = gone.at(-1);
        expect(left).toEqual(sorted.slice(gone.length));
        expect(left).not.toContain(last);
        expect(gone.every((xid) => xid < request.below)).toBe(true);
        expect(left.length).toBeGreaterThanOrEqual(Math.min(request.rowsKept, sorted.length));
        expect(gone.indexOf(last ?? 0)).toBeLessThan(request.rowsDeletedMax);
        expect(Number(trim?.mark)).toBe(Math.max(markBefore, (last ?? -1) + 1));
        const oldest = sorted.filter((xid) => xid === sorted[0]);
        const mayGo = sorted.length - oldest.length >= request.rowsKept;
        if (mayGo && (oldest[0] ?? Infinity) < request.below) expect(gone).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('of several processes at once leaves the mark above everything that is gone', async () => {
    const { studio, directory } = await openDirectory();
    await using _open = studio;
    const { sql } = studio;
    await sql`
      insert into cache_outbox (xid, tags)
      select (i / 3)::text::xid8, '{}' from generate_series(30, 929) i`;
    let highest = 0;
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(
        [40, 200, 90, 150].map((offset) =>
          directory.trim({ below: offset + 30 * round, rowsKept: 30, rowsDeletedMax: 70 }),
        ),
      );
      const [trim] = await sql<{ mark: string; oldest: string }[]>`
        select mark::text, (select xid::text from cache_outbox o order by o.xid limit 1) as oldest
          from cache_trim`;
      const mark = Number(trim?.mark);
      expect(mark).toBeGreaterThan(highest);
      expect(Number(trim?.oldest)).toBe(mark);
      highest = mark;
    }
  });
});

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import {
  buildTags,
  memberTags,
  projectTags,
  sceneTags,
  tagRegistry,
  userTags,
} from '../../src/db/schema/index.ts';
import { declarationOf, declareTags } from '../../src/db/tags.ts';
import { findTriggerDrift } from '../../src/db/trigger-check.ts';
import { generateTriggers, triggerMigration } from '../../src/db/triggers.ts';
import { runSql } from '../fixtures/sql.ts';
import { openStudioDatabase, type StudioDatabase } from './studio-database.ts';

async function openWithProject() {
  const studio = await openStudioDatabase();
  const ownerId = await studio.addUser();
  const projectId = await studio.addProject(ownerId);
  const addScenes = (first: number, count: number) => studio.sql<{ id: string }[]>`
    insert into scenes (project_id, name, type, position, tsx_code, duration_ms)
    select ${projectId}, 'n', 't', i, 'code', 1 from generate_series(${first}::int, ${first + count - 1}::int) i
    returning id`;
  return { studio, ownerId, projectId, addScenes };
}

const tagsOfScenes = (projectId: string, rows: readonly { id: string }[]) =>
  [...rows.map(({ id }) => sceneTags.one({ id })), sceneTags.ofProject({ projectId })].toSorted();

describe('the triggers record', () => {
  it('inserts, updates and deletes, with the tags of the row before and after', async () => {
    const { studio, ownerId, projectId } = await openWithProject();
    await using _open = studio;
    const { sql, recorded } = studio;
    const other = await studio.addUser();
    const [id, one] = [randomUUID(), 'a project'];
    const insert = () =>
      sql`insert into projects (id, owner_id, name) values (${id}, ${ownerId}, ${one})`;
    const ofBoth = [
      projectTags.one({ id }),
      projectTags.ofUser({ ownerId }),
      projectTags.ofUser({ ownerId: other }),
    ].toSorted();
    expect(await recorded(insert)).toEqual(
      [projectTags.one({ id }), projectTags.ofUser({ ownerId })].toSorted(),
    );
    expect(
      await recorded(() => sql`update projects set owner_id = ${other} where id = ${id}`),
    ).toEqual(ofBoth);
    expect(await recorded(() => sql`delete from projects where id = ${id}`)).toEqual(
      [projectTags.one({ id }), projectTags.ofUser({ ownerId: other })].toSorted(),
    );
    expect(projectId).not.toBe(id);
  });

  it('upserts, whichever way they go', async () => {
    const { studio, projectId } = await openWithProject();
    await using _open = studio;
    const userId = await studio.addUser();
    const upsert = (role: string) => studio.sql`
      insert into members (project_id, user_id, role) values (${projectId}, ${userId}, ${role})
      on conflict (project_id, user_id) do update set role = excluded.role`;
    const tags = [
      memberTags.one({ projectId, userId }),
      memberTags.ofProject({ projectId }),
      memberTags.ofUser({ userId }),
    ].toSorted();
    expect(await studio.recorded(() => upsert('viewer'))).toEqual(tags);
    expect(await studio.recorded(() => upsert('editor'))).toEqual(tags);
    expect(
      await studio.recorded(
        () => studio.sql`
          insert into members (project_id, user_id, role) values (${projectId}, ${userId}, 'viewer')
          on conflict do nothing`,
      ),
    ).toEqual([]);
  });

  it('merges', async () => {
    const { studio, projectId, addScenes } = await openWithProject();
    await using _open = studio;
    const rows = await addScenes(0, 2);
    const [first, second] = rows;
    const third = randomUUID();
    const merged = await studio.recorded(
      () => studio.sql`
        merge into scenes s using (values
            (${first!.id}::uuid, 'update'), (${second!.id}::uuid, 'delete'), (${third}::uuid, 'insert')) v (id, what)
          on s.id = v.id
        when matched and v.what = 'delete' then delete
        when matched then update set name = 'merged'
        when not matched then insert (id, project_id, name, type, position, tsx_code, duration_ms)
          values (v.id, ${projectId}, 'n', 't', 9, 'code', 1)`,
    );
    expect(merged).toEqual(tagsOfScenes(projectId, [...rows, { id: third }]));
  });

  it('copies', async () => {
    const { studio, projectId } = await openWithProject();
    await using _open = studio;
    const id = randomUUID();
    const recorded = await studio.recorded(async () => {
      const stream = await studio.sql`
        copy scenes (id, project_id, name, type, position, tsx_code, duration_ms) from stdin`.writable();
      await new Promise<void>((resolve, reject) => {
        stream.on('finish', resolve).on('error', reject);
        stream.end(`${id}\t${projectId}\tn\tt\t0\tcode\t1\n`);
      });
    });
    expect(recorded).toEqual(tagsOfScenes(projectId, [{ id }]));
  });

  it('what a foreign key deletes elsewhere', async () => {
    const { studio, ownerId, projectId, addScenes } = await openWithProject();
    await using _open = studio;
    const rows = await addScenes(0, 3);
    const recorded = await studio.recorded(
      () => studio.sql`delete from users where id = ${ownerId}`,
    );
    expect(recorded).toEqual(
      [
        userTags.one({ id: ownerId }),
        projectTags.one({ id: projectId }),
        projectTags.ofUser({ ownerId }),
        ...tagsOfScenes(projectId, rows),
      ].toSorted(),
    );
  });

  it('a truncation by the table\u2019s own tag, also of the tables it cascades to', async () => {
    const { studio } = await openWithProject();
    await using _open = studio;
    expect(await studio.recorded(() => studio.sql`truncate projects cascade`)).toEqual([
      'table:decisions',
      'table:members',
      'table:projects',
      'table:scenes',
    ]);
  });

  it('each of up to 500 tags of a statement, and the table\u2019s own beyond', async () => {
    const { studio, projectId, addScenes } = await openWithProject();
    await using _open = studio;
    let rows: readonly { id: string }[] = [];
    const listed = await studio.recorded(async () => (rows = await addScenes(0, 499)));
    expect(listed).toEqual(tagsOfScenes(projectId, rows));
    expect(await studio.recorded(() => addScenes(499, 500))).toEqual(['table:scenes']);
  });

  it('nothing for a statement that changed no row, nor for what was rolled back', async () => {
    const { studio, addScenes } = await openWithProject();
    await using _open = studio;
    await addScenes(0, 1);
    const { sql } = studio;
    expect(await studio.recorded(() => sql`update scenes set name = 'x' where false`)).toEqual([]);
    const rollBack = () =>
      sql.begin(async (tx) => {
        await tx`update scenes set name = 'x'`;
        throw new Error('no');
      });
    expect(await studio.recorded(() => expect(rollBack()).rejects.toThrow('no'))).toEqual([]);
  });

  it('only the part of a transaction that was not rolled back to a savepoint', async () => {
    const { studio, projectId, addScenes } = await openWithProject();
    await using _open = studio;
    const rows = await addScenes(0, 1);
    const recorded = await studio.recorded(() =>
      studio.sql.begin(async (tx) => {
        await tx`update scenes set name = 'x'`;
        await tx
          .savepoint(async (part) => {
            await part`update projects set name = 'x'`;
            throw new Error('no');
          })
          .catch(() => undefined);
      }),
    );
    expect(recorded).toEqual(tagsOfScenes(projectId, rows));
  });

  it('all rows of a transaction under its one id, savepoints included', async () => {
    const { studio, addScenes } = await openWithProject();
    await using _open = studio;
    await addScenes(0, 1);
    await studio.sql`truncate cache_outbox`;
    const [xid] = await studio.sql.begin(async (tx) => {
      await tx`update scenes set name = 'x'`;
      await tx.savepoint((part) => part`update projects set name = 'x'`);
      return tx<{ xid: string }[]>`select pg_current_xact_id()::text as xid`;
    });
    const rows = await studio.sql<{ xid: string }[]>`select xid::text from cache_outbox`;
    expect(rows.map((row) => row.xid)).toEqual([xid?.xid, xid?.xid]);
  });

  it('no insertion of builds: nobody caches that one is absent', async () => {
    await using studio = await openStudioDatabase();
    const { sql } = studio;
    const insert = () => sql`
      insert into builds (key, code, map, warnings, bytes) values ('a:b', '', '', '[]', 0)`;
    expect(await studio.recorded(insert)).toEqual([]);
    expect(await studio.recorded(() => sql`delete from builds`)).toEqual([
      buildTags.one({ key: 'a:b' }),
    ]);
  });

  it('also what a superuser writes in the role of a replica, where ordinary triggers are off', async () => {
    await using studio = await openStudioDatabase();
    const writing = studio.recorded(() =>
      studio.sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`insert into users (name, email, username) values ('n', 'e', 'u')`;
      }),
    );
    const [outcome] = await Promise.allSettled([writing]);
    // Whoever is no superuser may not: that is what keeps it rare.
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: '42501' });
    else expect(outcome.value).toHaveLength(1);
  });

  it('writes of a role that has no rights on the outbox', async () => {
    await using studio = await openStudioDatabase();
    const role = `greenroom_test_${randomUUID().replaceAll('-', '')}`;
    const { sql } = studio;
    const recorded = await studio.recorded(() =>
      sql.begin(async (tx) => {
        await tx.unsafe(`create role ${role}`);
        await tx.unsafe(`grant ${role} to current_user`);
        await tx.unsafe(`grant insert on builds, users to ${role}`);
        await tx.unsafe(`set local role ${role}`);
        await tx`insert into users (name, email, username) values ('n', 'e', 'u')`;
        await tx`reset role`;
        await tx.unsafe(`revoke insert on builds, users from ${role}`);
        await tx.unsafe(`drop role ${role}`);
      }),
    );
    expect(recorded).toEqual([expect.stringMatching(/^user:[0-9a-f-]{36}$/)]);
  });
});

describe('a generated trigger', () => {
  const items = pgTable('odd "items"', {
    id: uuid('Id "quoted"').primaryKey(),
    label: text("label's").notNull(),
    rank: integer('rank'),
  });
  const itemTags = declareTags(items, {
    one: 'item:{id}',
    labelled: "it's:{label}",
    secretly: 'hidden:{label|sha256}',
    ranked: 'rank:{rank}:items',
  });

  async function openItems(): Promise<StudioDatabase> {
    const studio = await openStudioDatabase();
    await runSql(
      studio.url,
      `create table "odd ""items""" ("Id ""quoted""" uuid primary key, "label's" text, rank int)`,
    );
    for (const statement of triggerMigration([declarationOf(itemTags)]).split(
      '--> statement-breakpoint',
    )) {
      await runSql(studio.url, statement);
    }
    return studio;
  }

  it('records exactly what the builders build, for any row', async () => {
    await using studio = await openItems();
    const { sql } = studio;
    const label = fc
      .oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('a:b', '', "'", '%', '\\'))
      // PostgreSQL stores no NUL.
      .filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(
        fc.uuid(),
        label,
        fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
        async (id, name, rank) => {
          const recorded = await studio.recorded(() =>
            sql.begin(async (tx) => {
              await tx`delete from "odd ""items"""`;
              await tx`truncate cache_outbox`;
              await tx`insert into "odd ""items""" values (${id.toUpperCase()}, ${name}, ${rank})`;
            }),
          );
          const expected = [
            itemTags.one({ id: id.toUpperCase() }),
            itemTags.labelled({ label: name }),
            itemTags.secretly({ label: name }),
            // A column without a value belongs to no tag of that template.
            ...(rank === null ? [] : [itemTags.ranked({ rank })]),
          ];
          expect(new Set(recorded)).toEqual(new Set(expected));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is found missing, disabled or outdated by the check, table by table', async () => {
    await using studio = await openItems();
    const { sql } = studio;
    const tables = [...tagRegistry.tables, declarationOf(itemTags)];
    const drift = () => findTriggerDrift(studio.database.read, tables);
    expect(await drift()).toEqual([]);

    await runSql(studio.url, 'alter table scenes disable trigger scenes_tags_update');
    await runSql(studio.url, 'drop trigger users_tags_truncate on users');
    const { functionName, body } = generateTriggers(declarationOf(memberTags));
    const other = body.replaceAll(':member:', ':other:');
    await sql.unsafe(
      `create or replace function ${functionName}() returns trigger language plpgsql as $$${other}$$`,
    );
    expect(await drift()).toEqual([
      { tableName: 'users', reason: 'trigger users_tags_truncate is missing' },
      { tableName: 'members', reason: 'trigger members_tags_insert records other tags' },
      { tableName: 'scenes', reason: 'trigger scenes_tags_update is not enabled always' },
    ]);
    await runSql(studio.url, 'alter table scenes enable always trigger scenes_tags_update');
    expect((await drift()).map(({ tableName }) => tableName)).toEqual(['users', 'members']);
  });
});

import { eq, sql as query } from 'drizzle-orm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDatabase, type Sql } from '../../src/db/client.ts';
import { createDirectory } from '../../src/db/directory.ts';
import { isDatabaseUnavailable } from '../../src/db/error-kinds.ts';
import { invalidateTags } from '../../src/db/invalidate.ts';
import {
  projects,
  projectTags,
  scenes,
  sceneTags,
  users,
  userTags,
} from '../../src/db/schema/index.ts';
import { createWrite, type CommittedWrite, type WriteTx } from '../../src/db/write.ts';
import { runSql } from '../fixtures/sql.ts';
import { openCuttingProxy } from './cutting-proxy.ts';
import { openStudioDatabase } from './studio-database.ts';

afterEach(() => void vi.useRealTimers());

function recordingWrite(sql: Sql) {
  const writes: CommittedWrite[] = [];
  const write = createWrite({
    sql,
    written: (committed) => {
      writes.push(committed);
      return Promise.resolve();
    },
  });
  return { write, writes };
}

async function insertUser(tx: WriteTx, name: string): Promise<string> {
  const [row] = await tx
    .insert(users)
    .values({ name, email: name, username: name })
    .returning({ id: users.id });
  return row?.id ?? '';
}

const sceneRow = (projectId: string, position: number) => ({
  projectId,
  position,
  name: 'n',
  type: 't',
  tsxCode: 'code',
  durationMs: 1,
});

describe('a committed write', () => {
  it('tells once where, under which id and with which tags it was, and answers its value', async () => {
    await using studio = await openStudioDatabase();
    const { write, writes } = recordingWrite(studio.sql);
    const { id, xid } = await write(async (tx) => {
      const userId = await insertUser(tx, 'a');
      await tx.update(users).set({ name: 'b' }).where(eq(users.id, userId));
      const [row] = await tx.execute<{ xid: string }>(
        query`select pg_current_xact_id()::text as xid`,
      );
      return { id: userId, xid: Number(row?.xid) };
    });
    const { identity } = await createDirectory(studio.database).observe(undefined);
    expect(writes).toEqual([{ identity, xid, tags: [userTags.one({ id })] }]);
  });

  it('is visible to everybody when it is told, and returns only after that', async () => {
    await using studio = await openStudioDatabase();
    const seen: unknown[] = [];
    const write = createWrite({
      sql: studio.sql,
      async written() {
        seen.push(...(await studio.database.read`select name from users`));
        await Promise.resolve();
        seen.push('told');
      },
    });
    await write((tx) => insertUser(tx, 'a'));
    expect(seen).toEqual([{ name: 'a' }, 'told']);
  });

  it('fails when telling fails, though it is committed', async () => {
    await using studio = await openStudioDatabase();
    const write = createWrite({
      sql: studio.sql,
      written: () => Promise.reject(new Error('nobody listens')),
    });
    await expect(write((tx) => insertUser(tx, 'a'))).rejects.toThrow('nobody listens');
    expect(await studio.sql`select 1 from users`).toHaveLength(1);
  });

  it('has the tags of its savepoints, and none of those that were rolled back', async () => {
    await using studio = await openStudioDatabase();
    const { write, writes } = recordingWrite(studio.sql);
    const ids = await write(async (tx) => {
      const first = await tx.transaction((part) => insertUser(part, 'a'));
      await tx
        .transaction(async (part) => {
          await insertUser(part, 'b');
          part.rollback();
        })
        .catch(() => undefined);
      return [first];
    });
    expect(writes.map(({ tags }) => tags)).toEqual([ids.map((id) => userTags.one({ id }))]);
  });

  it('has the tags of what its deferred triggers change at the end', async () => {
    await using studio = await openStudioDatabase();
    await runSql(
      studio.url,
      `create function rename_owner() returns trigger language plpgsql as $$
         begin update users set name = 'owner' where id = new.owner_id; return null; end $$;
       create constraint trigger rename_owner after insert on projects
         deferrable initially deferred for each row execute function rename_owner()`,
    );
    const ownerId = await studio.addUser();
    const { write, writes } = recordingWrite(studio.sql);
    const [row] = await write((tx) =>
      tx.insert(projects).values({ ownerId, name: 'p' }).returning({ id: projects.id }),
    );
    expect(writes[0]?.tags.toSorted()).toEqual(
      [
        projectTags.one({ id: row?.id ?? '' }),
        projectTags.ofUser({ ownerId }),
        userTags.one({ id: ownerId }),
      ].toSorted(),
    );
  });

  it('may be large: thousands of rows, each tag once, a bulk by its table', async () => {
    await using studio = await openStudioDatabase();
    const projectId = await studio.addProject(await studio.addUser());
    const { write, writes } = recordingWrite(studio.sql);
    const ids = await write(async (tx) => {
      const bulk = Array.from({ length: 2_000 }, (_, position) => sceneRow(projectId, position));
      const rows = await tx.insert(scenes).values(bulk).returning({ id: scenes.id });
      const few = rows.slice(0, 50).map(({ id }) => id);
      for (const id of few) await tx.update(scenes).set({ name: 'x' }).where(eq(scenes.id, id));
      return few;
    });
    expect(new Set(writes[0]?.tags)).toEqual(
      new Set([
        'table:scenes',
        sceneTags.ofProject({ projectId }),
        ...ids.map((id) => sceneTags.one({ id })),
      ]),
    );
    expect(writes[0]?.tags).toHaveLength(52);
  });

  it('has its own tags only, with others at the same moment', async () => {
    await using studio = await openStudioDatabase();
    const { write, writes } = recordingWrite(studio.sql);
    const names = Array.from({ length: 20 }, (_, index) => `user ${index}`);
    const ids = await Promise.all(names.map((name) => write((tx) => insertUser(tx, name))));
    const expected = ids.map((id) => userTags.one({ id })).toSorted();
    expect(writes.map(({ tags }) => tags.join()).toSorted()).toEqual(expected);
    expect(new Set(writes.map(({ xid }) => xid)).size).toBe(20);
  });
});

describe('nothing is told', () => {
  it('of a transaction that changes nothing, and it takes no transaction id', async () => {
    await using studio = await openStudioDatabase();
    const { write, writes } = recordingWrite(studio.sql);
    const assigned = await write(async (tx) => {
      await tx.select().from(users);
      await tx.execute(query`set constraints all immediate`);
      return tx.execute(query`select pg_current_xact_id_if_assigned()::text as xid`);
    });
    await write((tx) => tx.update(users).set({ name: 'x' }));
    expect([...assigned]).toEqual([{ xid: null }]);
    expect(writes).toEqual([]);
  });

  it('of one that fails: it is rolled back, and its error passes', async () => {
    await using studio = await openStudioDatabase();
    const { write, writes } = recordingWrite(studio.sql);
    const failing = write(async (tx) => {
      await insertUser(tx, 'a');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const doubled = write(async (tx) => {
      await insertUser(tx, 'a');
      await insertUser(tx, 'a').catch(() => undefined);
    });
    await expect(doubled).rejects.toThrow();
    expect(await studio.sql`select 1 from users`).toHaveLength(0);
    expect(writes).toEqual([]);
  });

  it('of one whose deferred constraint fails at the end', async () => {
    await using studio = await openStudioDatabase();
    const projectId = await studio.addProject(await studio.addUser());
    const { write, writes } = recordingWrite(studio.sql);
    const insertTwo = (then: (tx: WriteTx) => Promise<unknown>) =>
      write(async (tx) => {
        await tx.insert(scenes).values([sceneRow(projectId, 0), sceneRow(projectId, 0)]);
        await then(tx);
      });
    await expect(insertTwo(() => Promise.resolve())).rejects.toMatchObject({
      cause: { code: '23505' },
    });
    expect(writes).toEqual([]);
    const separate = query`
      update scenes set position = 1 where ctid = (select max(ctid) from scenes)`;
    await insertTwo((tx) => tx.execute(separate));
    expect(writes).toHaveLength(1);
  });

  it.each([
    { cut: 'before-commit', happened: false },
    { cut: 'after-commit', happened: true },
  ] as const)('of one that is cut off $cut: the outbox knows', async ({ cut, happened }) => {
    await using studio = await openStudioDatabase();
    await using proxy = await openCuttingProxy(studio.url);
    const through = openDatabase({ url: proxy.url, writeConnectionsMax: 1 });
    const { write, writes } = recordingWrite(through.write);
    proxy.cut = cut;
    await expect(write((tx) => insertUser(tx, 'a'))).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
    expect(writes).toEqual([]);
    const { rows } = await createDirectory(studio.database).observe(undefined);
    expect(rows).toHaveLength(happened ? 1 : 0);
    expect(await studio.sql`select 1 from users`).toHaveLength(happened ? 1 : 0);

    proxy.cut = undefined;
    await write((tx) => insertUser(tx, 'b'));
    expect(writes).toHaveLength(1);
    await through.close();
  });
});

it('invalidates by hand what it is told, and nothing without tags', async () => {
  await using studio = await openStudioDatabase();
  const { write, writes } = recordingWrite(studio.sql);
  const tags = ['cache:*', `it's "odd", {and} \\ long`];
  await invalidateTags(write, tags);
  await invalidateTags(write, []);
  expect(writes.map((written) => written.tags)).toEqual([tags]);
});

it('waits for a connection in a bounded queue: beyond it, a write is refused before it begins', async () => {
  await using studio = await openStudioDatabase();
  const { write } = recordingWrite(studio.sql);
  // The connections, which take time to be made.
  const { max } = studio.sql.options;
  await Promise.all(Array.from({ length: max }, () => write((tx) => tx.execute(query`select 1`))));
  const gate = Promise.withResolvers<void>();
  const begun: number[] = [];
  // Who waits for a turn gives up after ten seconds, in which a busy machine may not serve them all.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const many = Array.from({ length: max + 1_000 }, (_, i) =>
    write(async () => {
      begun.push(i);
      await gate.promise;
    }),
  );
  vi.useRealTimers();
  const refused = await write((tx) => insertUser(tx, 'too many')).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'NO_TURN' });
  expect(isDatabaseUnavailable(refused)).toBe(true);
  gate.resolve();
  await Promise.all(many);
  expect(begun).toHaveLength(many.length);
  expect(await studio.sql`select 1 from users`).toHaveLength(0);
});

import { expect, test } from 'vitest';
import { coherentAdapter } from '../../src/server/auth-adapter.ts';
import { createReader } from '../../src/db/read.ts';
import { createWrite } from '../../src/db/write.ts';
import { openDatabase } from '../../src/db/client.ts';
import { createTestDatabase } from '../fixtures/database.ts';

async function startAdapter() {
  const parts = new AsyncDisposableStack();
  const { url } = parts.use(await createTestDatabase());
  const database = openDatabase({ url });
  parts.defer(() => database.close());
  const written: string[][] = [];
  const { db } = await createReader(database.read);
  const write = createWrite({
    sql: database.write,
    written: async ({ tags }) => void written.push([...tags]),
  });
  const adapter = coherentAdapter({ read: db, write })({
    advanced: { database: { generateId: 'uuid' } },
    user: { additionalFields: { username: { type: 'string', required: false } } },
  });
  return { adapter, written, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

const EVE = { name: 'Eve', email: 'eve@example.com', emailVerified: false };
const TIMES = { createdAt: new Date(), updatedAt: new Date() };

test('every method that writes goes through write, and what it wrote is told', async () => {
  await using run = await startAdapter();
  const { adapter, written } = run;
  const user = await adapter.create({ model: 'user', data: { ...EVE, ...TIMES } });
  expect(written.at(-1)).toContain(`user:${user.id}`);

  const where = [{ field: 'id', value: user.id }];
  await adapter.update({ model: 'user', where, update: { name: 'Eva' } });
  await adapter.updateMany({ model: 'user', where, update: { name: 'Eve' } });
  expect(written).toHaveLength(3);
  await adapter.transaction(async (tx) => {
    await tx.update({ model: 'user', where, update: { name: 'A' } });
    await tx.update({ model: 'user', where, update: { name: 'B' } });
  });
  expect(written).toHaveLength(4);
  expect(await adapter.findOne({ model: 'user', where })).toMatchObject({ name: 'B' });
  await adapter.delete({ model: 'user', where });
  expect(written).toHaveLength(5);
  expect(await adapter.count({ model: 'user' })).toBe(0);
});

test('a transaction that fails leaves nothing, and tells nothing', async () => {
  await using run = await startAdapter();
  const { adapter, written } = run;
  const failing = adapter.transaction(async (tx) => {
    await tx.create({ model: 'user', data: { ...EVE, ...TIMES } });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await adapter.count({ model: 'user' })).toBe(0);
  expect(written).toEqual([]);
});

test('the methods are those of the pinned version: a new one that writes must be led through write', async () => {
  await using run = await startAdapter();
  const methods = Object.entries(run.adapter).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  );
  expect(new Set(methods)).toEqual(
    new Set([
      'consumeOne',
      'count',
      'create',
      'delete',
      'deleteMany',
      'findMany',
      'findOne',
      'incrementOne',
      'transaction',
      'update',
      'updateMany',
    ]),
  );
});

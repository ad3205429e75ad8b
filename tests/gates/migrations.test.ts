import { expect, it } from 'vitest';
import { runGate } from '../../scripts/gates/gate.ts';
import { migrationsGate } from '../../scripts/gates/migrations.ts';
import { createTree } from '../fixtures/tree.ts';

const copies = ['src/db', 'src/config', 'drizzle'];

it('accepts the tables as they are', async () => {
  await using tree = await createTree({}, { copies });
  const verdict = await runGate(migrationsGate, tree.path);
  expect(verdict).toMatchObject({ faults: [], passed: true });
  expect(verdict.checked).toBeGreaterThan(5);
});

it('rejects a table without a migration', async () => {
  await using tree = await createTree({}, { copies });
  const table = "import { pgTable, uuid } from 'drizzle-orm/pg-core';\n";
  await tree.write(
    'src/db/schema/props.ts',
    `${table}export const props = pgTable('props', { id: uuid().primaryKey() });\n`,
  );
  const { passed, faults } = await runGate(migrationsGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toContain('src/db/schema has changes without a migration');
});

it('rejects a schema in which it finds no table', async () => {
  await using tree = await createTree(
    { 'src/db/schema/index.ts': 'export {};\n' },
    { copies: ['drizzle'] },
  );
  expect(await runGate(migrationsGate, tree.path)).toMatchObject({ passed: false });
});

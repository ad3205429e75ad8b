import { expect, it } from 'vitest';
import { runGate } from '../../scripts/gates/gate.ts';
import { lintGate } from '../../scripts/gates/lint.ts';
import { createTree } from '../fixtures/tree.ts';

it('accepts sound code', async () => {
  await using tree = await createTree({ 'src/a.ts': 'export const a: unknown = 1;\n' });
  expect(await runGate(lintGate, tree.path)).toMatchObject({
    faults: [],
    checked: 1,
    passed: true,
  });
});

it.each([
  {
    fault: 'a promise that nobody awaits',
    source: 'async function save(): Promise<void> {}\nexport function go(): void {\n  save();\n}\n',
    says: 'src/a.ts:3 Promises must be awaited',
  },
  {
    fault: "a Drizzle statement that nobody awaits (a thenable, so it isn't even sent)",
    source: `import { sql } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

export function clear(db: PostgresJsDatabase): void {
  db.execute(sql\`delete from scenes\`);
}
`,
    says: 'src/a.ts:5 Promises must be awaited',
  },
  {
    fault: 'a tRPC call that nobody awaits',
    source: `import { createTRPCClient } from '@trpc/client';
import { initTRPC } from '@trpc/server';

const t = initTRPC.create();
const router = t.router({ clear: t.procedure.mutation(() => 1) });
const client = createTRPCClient<typeof router>({ links: [] });
export function clear(): void {
  client.clear.mutate();
}
`,
    says: 'src/a.ts:8 Promises must be awaited',
  },
  {
    fault: 'any',
    source: 'export function f(value: any): void {\n  throw new Error(String(value));\n}\n',
    says: 'Unexpected `any`',
  },
  {
    fault: 'a promise as a condition',
    source:
      'async function ok(): Promise<boolean> {\n  return false;\n}\nexport const x = ok() ? 1 : 2;\n',
    says: 'no-misused-promises',
  },
  {
    fault: 'a disabled test',
    source:
      "import { expect, it } from 'vitest';\n\nit.skip('works', () => {\n  expect(1).toBe(1);\n});\n",
    says: 'no-disabled-tests',
  },
  {
    fault: 'a focused test',
    source:
      "import { expect, it } from 'vitest';\n\nit.only('works', () => {\n  expect(1).toBe(1);\n});\n",
    says: 'no-focused-tests',
  },
  { fault: 'what does not parse', source: 'export const = ;\n', says: 'src/a.ts' },
])('rejects $fault', async ({ source, says }) => {
  const file = source.includes('vitest') ? 'tests/a.test.ts' : 'src/a.ts';
  await using tree = await createTree({ [file]: source });
  const { passed, faults } = await runGate(lintGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toContain(says);
});

it('rejects a tree without a file', async () => {
  await using tree = await createTree({});
  const { passed, faults } = await runGate(lintGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toMatch(/no files/i);
});

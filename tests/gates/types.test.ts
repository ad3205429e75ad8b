import { expect, it } from 'vitest';
import { runGate } from '../../scripts/gates/gate.ts';
import { typesGate } from '../../scripts/gates/types.ts';
import { createTree } from '../fixtures/tree.ts';

it('accepts a sound tree and counts its files, not those of libraries', async () => {
  await using tree = await createTree({
    'src/a.ts': 'export const a = 1;\n',
    'src/b.ts': "export { a } from './a.ts';\nexport { z } from 'zod';\n",
  });
  expect(await runGate(typesGate, tree.path)).toMatchObject({
    faults: [],
    checked: 2,
    passed: true,
  });
});

it.each([
  {
    fault: 'a wrong type',
    source: "export const a: number = 'a';\n",
    says: "src/a.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'",
  },
  {
    fault: 'an element taken for present',
    source: 'export const a = (list: string[]): string => list[0];\n',
    says: 'src/a.ts(1,46): error TS2322',
  },
  {
    fault: 'undefined where a property may only be absent',
    source: 'export const a: { b?: number } = { b: undefined };\n',
    says: 'exactOptionalPropertyTypes',
  },
  {
    fault: 'syntax that Node cannot erase',
    source: 'export enum Colour {\n  Red,\n}\n',
    says: 'erasableSyntaxOnly',
  },
  {
    fault: 'a missing module',
    source: "export * from './gone.ts';\n",
    says: "Cannot find module './gone.ts'",
  },
])('rejects $fault', async ({ source, says }) => {
  await using tree = await createTree({ 'src/a.ts': source });
  const { passed, faults } = await runGate(typesGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toContain(says);
});

it('rejects a tree without a file', async () => {
  await using tree = await createTree({});
  const { passed, faults } = await runGate(typesGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toContain('No inputs were found');
});

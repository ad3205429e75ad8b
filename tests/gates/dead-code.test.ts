import { expect, it } from 'vitest';
import { deadCodeGate } from '../../scripts/gates/dead-code.ts';
import { runGate } from '../../scripts/gates/gate.ts';
import { createTree } from '../fixtures/tree.ts';

/** knip.json of a small tree: the project's own names entries that are not here. */
const knip = JSON.stringify({ entry: ['src/main.ts'], project: ['src/**/*.ts'] });
const manifest = JSON.stringify({ name: 'tree', type: 'module', dependencies: { zod: '*' } });
const sound = {
  'knip.json': knip,
  'package.json': manifest,
  'src/main.ts': "import { z } from 'zod';\nimport { a } from './a.ts';\nconsole.log(z, a);\n",
  'src/a.ts': 'export const a = 1;\n',
};

it('accepts a tree in which everything is used', async () => {
  await using tree = await createTree(sound);
  const verdict = await runGate(deadCodeGate, tree.path);
  expect(verdict).toMatchObject({ faults: [], passed: true });
  expect(verdict.checked).toBeGreaterThanOrEqual(2);
});

it.each([
  {
    fault: 'an unused file',
    files: { 'src/dead.ts': 'export const b = 2;\n' },
    says: 'src/dead.ts',
  },
  {
    fault: 'an unused export',
    files: { 'src/a.ts': 'export const a = 1;\nexport const neverImported = 2;\n' },
    says: 'neverImported',
  },
  {
    fault: 'an unused dependency',
    files: { 'src/main.ts': "import { a } from './a.ts';\nconsole.log(a);\n" },
    says: 'zod',
  },
  {
    fault: 'a dependency that package.json does not list',
    files: { 'src/a.ts': "export { default as a } from 'postgres';\n" },
    says: 'postgres',
  },
  {
    fault: 'an entry that is not there',
    files: { 'knip.json': knip.replace('src/main.ts', 'src/gone.ts') },
    says: 'src/main.ts: src/main.ts',
  },
])('rejects $fault', async ({ files, says }) => {
  await using tree = await createTree({ ...sound, ...files });
  const { passed, faults } = await runGate(deadCodeGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toContain(says);
});

import { expect, it } from 'vitest';
import { formatGate } from '../../scripts/gates/format.ts';
import { runGate } from '../../scripts/gates/gate.ts';
import { createTree } from '../fixtures/tree.ts';

it('accepts formatted files', async () => {
  await using tree = await createTree({ 'src/a.ts': "export const a = 'a';\n" });
  const { faults, checked } = await runGate(formatGate, tree.path);
  expect(faults).toEqual([]);
  expect(checked).toBeGreaterThan(1);
});

it.each([
  ['src/a.ts', 'export const a = "a"\n'],
  ['src/page.tsx', 'export const page = <p>  a</p>;\n'],
  ['src/a.ts', 'export const = ;\n'],
  ['README.md', '# Title\n* a\n* b\n'],
  ['ops/compose.yml', 'a:    1\n'],
])('rejects %s holding %j', async (file, text) => {
  await using tree = await createTree({ [file]: text });
  const { passed, faults } = await runGate(formatGate, tree.path);
  expect({ passed, faults }).toEqual({ passed: false, faults: [`${file} is not formatted`] });
});

it('rejects an ignore file that hides everything', async () => {
  await using tree = await createTree({ '.prettierignore': '*\n' });
  const { faults } = await runGate(formatGate, tree.path);
  expect(faults).toEqual(['the gate found no files to check']);
});

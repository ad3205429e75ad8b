import { expect, it } from 'vitest';
import { envExampleGate } from '../../scripts/gates/env-example.ts';
import { runGate } from '../../scripts/gates/gate.ts';
import { createTree } from '../fixtures/tree.ts';

const variables = 'src/config/variables.ts';
const example = '# Where it listens.\nPORT=3000\n# DATABASE_URL=postgres://user@host/name\n';
const declare = (...names: string[]): string =>
  `export const variableNames = ${JSON.stringify(names)};\n`;

it('accepts an example that names every setting, set or commented out', async () => {
  await using tree = await createTree({
    [variables]: declare('PORT', 'DATABASE_URL'),
    '.env.example': example,
  });
  expect(await runGate(envExampleGate, tree.path)).toMatchObject({ faults: [], checked: 2 });
});

it("accepts the project's own", async () => {
  await using tree = await createTree({}, { copies: ['src/config', '.env.example'] });
  expect(await runGate(envExampleGate, tree.path)).toMatchObject({ faults: [], passed: true });
});

it.each([
  {
    fault: 'a setting that the example lacks',
    names: ['PORT', 'DATABASE_URL', 'REDIS_URL'],
    says: '.env.example lacks REDIS_URL, which src/config/variables.ts declares',
  },
  {
    fault: 'a setting that nobody reads',
    names: ['PORT'],
    says: '.env.example has DATABASE_URL, which src/config/variables.ts does not declare',
  },
])('rejects $fault', async ({ names, says }) => {
  await using tree = await createTree({ [variables]: declare(...names), '.env.example': example });
  const { passed, faults } = await runGate(envExampleGate, tree.path);
  expect({ passed, faults }).toEqual({ passed: false, faults: [says] });
});

it('rejects a tree that declares no setting', async () => {
  await using tree = await createTree({ [variables]: declare(), '.env.example': '' });
  const { faults } = await runGate(envExampleGate, tree.path);
  expect(faults).toEqual(['the gate found no settings to check']);
});

import { describe, expect, it } from 'vitest';
import { runGate } from '../../scripts/gates/gate.ts';
import { createTestsGate } from '../../scripts/gates/tests.ts';
import { createTree } from '../fixtures/tree.ts';
import type { Tree } from '../fixtures/tree.ts';

const passing =
  "import { expect, it } from 'vitest';\nit('adds', () => { expect(1 + 1).toBe(2); });\n";
const copies = [
  'vitest.config.ts',
  'tests/fixtures/global-setup.ts',
  'tests/fixtures/test-server.ts',
  'tests/fixtures/requires.ts',
  'tests/fixtures/worker-setup.ts',
];

const createTestTree = (tests: Record<string, string>): Promise<Tree> =>
  createTree(tests, { copies });

describe('the tests gate', () => {
  it('accepts a tree whose tests pass', async () => {
    await using tree = await createTestTree({ 'tests/a.test.ts': passing });
    expect(await runGate(createTestsGate(), tree.path)).toMatchObject({
      faults: [],
      checked: 1,
      passed: true,
    });
  });

  it.each([
    {
      fault: 'a failing test',
      test: "import { expect, it } from 'vitest';\nit('adds', () => { expect(1 + 1).toBe(3); });\n",
      counts: '1 passed, 1 failed, 0 skipped',
    },
    {
      fault: 'a file that does not load',
      test: "import './gone.ts';\n",
      counts: '1 passed, 1 failed, 0 skipped',
    },
    {
      fault: 'a hook that fails after every test passed',
      test: `${passing}import { afterAll } from 'vitest';\nafterAll(() => { throw new Error('left open'); });\n`,
      counts: '2 passed, 1 failed, 0 skipped',
    },
    {
      fault: 'a hook that fails before the tests',
      test: `${passing}import { beforeAll } from 'vitest';\nbeforeAll(() => { throw new Error('no server'); });\n`,
      counts: '1 passed, 1 failed, 1 skipped',
    },
    {
      fault: 'a rejection that nobody handles',
      test: `${passing}void Promise.reject(new Error('lost'));\n`,
      counts: '2 passed, 1 failed, 0 skipped',
    },
    {
      fault: 'a worker that dies',
      test: "import { it } from 'vitest';\nit('dies', () => { process.kill(process.pid, 'SIGKILL'); });\n",
      counts: expect.stringMatching(/^1 passed, [12] failed, 0 skipped$/),
    },
  ])('rejects $fault', async ({ test, counts }) => {
    await using tree = await createTestTree({
      'tests/a.test.ts': passing,
      'tests/b.test.ts': test,
    });
    const { passed, faults } = await runGate(createTestsGate(), tree.path);
    expect({ passed, faults }).toEqual({ passed: false, faults: [counts] });
  });

  it('rejects a run in which every test was skipped', async () => {
    const test = passing.replace("it('adds'", "it.skip('adds'");
    await using tree = await createTestTree({ 'tests/a.test.ts': test });
    const { passed, faults } = await runGate(createTestsGate(), tree.path);
    expect({ passed, faults }).toEqual({
      passed: false,
      faults: ['0 passed, 0 failed, 1 skipped'],
    });
  });

  it('rejects a tree without a test', async () => {
    await using tree = await createTestTree({});
    const { passed, faults } = await runGate(createTestsGate(), tree.path);
    expect({ passed, faults }).toEqual({
      passed: false,
      faults: ['0 passed, 0 failed, 0 skipped'],
    });
  });
});

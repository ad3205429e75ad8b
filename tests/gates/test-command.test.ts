import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runTool } from '../../scripts/gates/gate.ts';
import type { ToolResult } from '../../scripts/gates/gate.ts';
import { createTree } from '../fixtures/tree.ts';
import type { Tree } from '../fixtures/tree.ts';

const script = join(import.meta.dirname, '../../scripts/test.ts');
const copies = [
  'vitest.config.ts',
  'tests/fixtures/global-setup.ts',
  'tests/fixtures/test-server.ts',
  'tests/fixtures/requires.ts',
  'tests/fixtures/worker-setup.ts',
];
const suite = `
import { expect, it } from 'vitest';
import { describeWith } from './fixtures/requires.ts';

describeWith(['promtool', 'chromium'], 'alert rules', ({ promtool }) => {
  it('fire', () => { expect(promtool).toMatch(/promtool$/); });
  it('resolve', () => { expect(promtool).toMatch(/promtool$/); });
});
it('adds', () => { expect(1 + 1).toBe(2); });
it('divides', (context) => { context.skip('needs a second user'); });
`;

/** Runs the command where no program is installed but those that the run itself needs. */
function runWithoutPrograms(tree: Tree, args: string[], env: Record<string, string> = {}) {
  const bin = join(import.meta.dirname, '../../node_modules/.bin');
  return runTool(tree.path, 'node', [script, ...args], {
    env: { PATH: bin, REQUIRE_ALL: '', ...env },
  });
}

const lastLine = ({ stdout }: ToolResult): string | undefined =>
  stdout.replace(/\n$/, '').split('\n').at(-1);

describe('npm test', () => {
  it('lists the suites that lack a program, with the reason and the command, before the counts', async () => {
    await using tree = await createTree({ 'tests/a.test.ts': suite }, { copies });
    const result = await runWithoutPrograms(tree, []);
    expect(result.code).toBe(0);
    expect(lastLine(result)).toBe('1 passed, 0 failed, 3 skipped');
    expect(result.stdout).toContain(
      'alert rules: promtool is not installed; chromium is not installed. Install: apt-get install -y prometheus && apt-get install -y chromium',
    );
    expect(result.stdout).toContain('tests/a.test.ts: needs a second user');
  });

  it('fails instead when REQUIRE_ALL=1', async () => {
    await using tree = await createTree({ 'tests/a.test.ts': suite }, { copies });
    const result = await runWithoutPrograms(tree, [], { REQUIRE_ALL: '1' });
    expect(result.code).toBe(1);
    expect(lastLine(result)).toBe('1 passed, 1 failed, 1 skipped');
    expect(result.stdout + result.stderr).toContain('promtool is not installed');
  });

  it('runs only the files that the filters name', async () => {
    const test = (sum: number): string =>
      `import { expect, it } from 'vitest';\nit('adds', () => { expect(${sum}).toBe(2); });\n`;
    await using tree = await createTree(
      { 'tests/good/a.test.ts': test(2), 'tests/bad/a.test.ts': test(3) },
      { copies },
    );
    const result = await runWithoutPrograms(tree, ['tests/good']);
    expect(lastLine(result)).toBe('1 passed, 0 failed, 0 skipped');
    expect((await runWithoutPrograms(tree, ['tests/none'])).code).toBe(1);
  });

  it('explains itself with --help', async () => {
    await using tree = await createTree({}, { copies });
    const result = await runWithoutPrograms(tree, ['--help']);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('Usage: npm test');
  });
});

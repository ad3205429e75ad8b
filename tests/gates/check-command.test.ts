import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gates } from '../../scripts/gates/all.ts';
import { runTool } from '../../scripts/gates/gate.ts';
import type { ToolResult } from '../../scripts/gates/gate.ts';
import { createTree } from '../fixtures/tree.ts';
import type { Tree } from '../fixtures/tree.ts';

const script = join(import.meta.dirname, '../../scripts/check.ts');

const check = (tree: Tree, ...args: string[]): Promise<ToolResult> =>
  runTool(tree.path, 'node', [script, '--root', tree.path, ...args]);

describe('npm run check', () => {
  it('runs every gate although one fails, and names it in its last line', async () => {
    await using tree = await createTree({ 'src/db/a.ts': 'export const a = "a"\n' });
    const result = await check(tree, '--only', 'format,boundaries,types');
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/^FAILED format .*\n {2}src\/db\/a.ts is not formatted$/m);
    expect(result.stdout).toMatch(/^ok {5}boundaries .* 1 modules$/m);
    expect(result.stdout).toMatch(/^ok {5}types .* 1 files$/m);
    expect(result.stdout).toMatch(/\n3 gates in [\d.]+ s, 1 failed: format\n$/);
  });

  it('exits 0 when all pass', async () => {
    await using tree = await createTree({ 'src/db/a.ts': "export const a = 'a';\n" });
    const result = await check(tree, '--only', 'format,boundaries');
    expect(result).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints nothing but JSON with --json', async () => {
    await using tree = await createTree({ 'src/db/a.ts': 'export const a = "a"\n' });
    const result = await check(tree, '--only', 'format', '--json');
    expect(JSON.parse(result.stdout)).toMatchObject([
      { gate: 'format', passed: false, faults: ['src/db/a.ts is not formatted'] },
    ]);
  });

  it.each([
    ['--only', 'formt'],
    ['--skip', gates.map(({ name }) => name).join(',')],
    ['--fast', ''],
  ])('exits 2 without running anything: %s %s', async (...args) => {
    await using tree = await createTree({});
    const result = await check(tree, ...args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^check: /);
  });

  it('explains every gate with --help', async () => {
    await using tree = await createTree({});
    const { stdout } = await check(tree, '--help');
    for (const { name, what } of gates) expect(stdout).toContain(`${name.padEnd(12)} ${what}`);
  });
});

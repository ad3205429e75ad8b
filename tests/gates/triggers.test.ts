import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runGate } from '../../scripts/gates/gate.ts';
import { triggersGate } from '../../scripts/gates/triggers.ts';
import { createTree } from '../fixtures/tree.ts';
import type { Tree } from '../fixtures/tree.ts';

const copies = ['src/db', 'src/config', 'drizzle'];

async function triggerFiles(tree: Tree): Promise<string[]> {
  const files = await readdir(join(tree.path, 'drizzle'));
  return files.filter((file) => file.includes('triggers')).map((file) => `drizzle/${file}`);
}

async function replaceIn(tree: Tree, file: string, from: RegExp, to: string): Promise<void> {
  const before = await readFile(join(tree.path, file), 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  await tree.write(file, after);
}

it('accepts the migration as it was generated', async () => {
  await using tree = await createTree({}, { copies });
  const verdict = await runGate(triggersGate, tree.path);
  expect(verdict).toMatchObject({ faults: [], passed: true });
  expect(verdict.checked).toBeGreaterThan(3);
});

it('rejects a declaration that changed without a migration', async () => {
  await using tree = await createTree({}, { copies });
  await replaceIn(tree, 'src/db/schema/scenes.ts', /^ {2}ofProject: .*\n/m, '');
  const { passed, faults } = await runGate(triggersGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toMatch(/triggers\.sql is out of date: line \d+ is/);
});

it('rejects a migration that was edited by hand', async () => {
  await using tree = await createTree({}, { copies });
  const [file = ''] = await triggerFiles(tree);
  await replaceIn(tree, file, /SECURITY DEFINER/, 'SECURITY INVOKER');
  const { passed, faults } = await runGate(triggersGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toContain('SECURITY INVOKER');
});

it('rejects tables whose triggers no migration makes', async () => {
  await using tree = await createTree({}, { copies });
  for (const file of await triggerFiles(tree)) await rm(join(tree.path, file));
  const { passed, faults } = await runGate(triggersGate, tree.path);
  expect(passed).toBe(false);
  expect(faults.join('\n')).toContain('no migration makes triggers for scenes');
});

it('judges a table by the newest migration that makes its triggers', async () => {
  await using tree = await createTree({}, { copies });
  const [file = ''] = await triggerFiles(tree);
  const made = await readFile(join(tree.path, file), 'utf8');
  await tree.write('drizzle/9998_older.sql', made.replaceAll("'scene:'", "'old:'"));
  expect((await runGate(triggersGate, tree.path)).faults.join('\n')).toMatch(/9998_older.*'old:'/s);
  await tree.write('drizzle/9999_newer.sql', made);
  expect(await runGate(triggersGate, tree.path)).toMatchObject({ faults: [], passed: true });
});

/**
 * Copies the machine and its simulation into a temporary directory, applies a mutant's edits there,
 * and tells where the copy's `simulate` is. The copy is complete: nothing of it is shared with the
 * original, so that a mutant can be run beside it.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Edit, Mutant } from './mutants/mutant.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['src/cache/coherence', 'tests/simulation'];

export interface PatchedCopy {
  /** URL of the copy's simulate.ts. */
  readonly simulateUrl: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createPatchedCopy(mutant: Mutant): Promise<PatchedCopy> {
  const target = await mkdtemp(join(tmpdir(), 'greenroom-mutant-'));
  const remove = (): Promise<void> => rm(target, { recursive: true, force: true });
  try {
    for (const folder of FOLDERS) {
      await cp(join(ROOT, folder), join(target, folder), { recursive: true });
    }
    await writeFile(join(target, 'package.json'), '{ "type": "module" }\n');
    for (const edit of mutant.edits) await applyEdit(target, mutant.name, edit);
  } catch (error) {
    await remove();
    throw error;
  }
  const simulateUrl = pathToFileURL(join(target, 'tests/simulation/simulate.ts')).href;
  return { simulateUrl, [Symbol.asyncDispose]: remove };
}

async function applyEdit(target: string, name: string, edit: Edit): Promise<void> {
  const path = join(target, edit.file);
  const source = await readFile(path, 'utf8');
  const parts = source.split(edit.find);
  if (parts.length !== 2) {
    const found = parts.length - 1;
    throw new Error(`mutant ${name}: found ${found} times in ${edit.file}: ${edit.find}`);
  }
  await writeFile(path, parts.join(edit.replace));
}

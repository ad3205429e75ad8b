/** Every file that Prettier understands is formatted as .prettierrc.json says. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, getFileInfo, resolveConfig } from 'prettier';
import type { Finding, Gate } from './gate.ts';

/** Never walked into: they hold a hundred thousand files, and none is ours. */
const skippedFolders = new Set(['node_modules', '.git', '.data', 'dist', 'coverage']);

export const formatGate: Gate = {
  name: 'format',
  what: 'every file is formatted by Prettier (npm run format repairs)',
  async run(root): Promise<Finding> {
    const faults: string[] = [];
    let checked = 0;
    const ignorePath = [join(root, '.prettierignore'), join(root, '.gitignore')];
    const entries = glob('**/*', {
      cwd: root,
      withFileTypes: true,
      exclude: (entry) => skippedFolders.has(entry.name),
    });
    for await (const entry of entries) {
      if (!entry.isFile()) continue;
      const filepath = join(entry.parentPath, entry.name);
      const { ignored, inferredParser } = await getFileInfo(filepath, { ignorePath });
      if (ignored || inferredParser === null) continue;
      checked += 1;
      const options = { ...(await resolveConfig(filepath, { editorconfig: false })), filepath };
      const formatted = await check(await readFile(filepath, 'utf8'), options).catch(() => false);
      if (!formatted) faults.push(`${filepath.slice(root.length + 1)} is not formatted`);
    }
    return { faults, checked, unit: 'files' };
  },
};

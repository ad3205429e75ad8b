/**
 * The migrations make exactly the tables that src/db/schema declares: drizzle-kit, asked to generate
 * into a copy of drizzle/, must have nothing to add. Nothing in the tree is written.
 */
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { runTool, toolFaults } from './gate.ts';
import type { Finding, Gate } from './gate.ts';

export const migrationsGate: Gate = {
  name: 'migrations',
  what: 'the migrations in drizzle/ make the tables of src/db/schema',
  async run(root): Promise<Finding> {
    const folder = await mkdtemp(join(tmpdir(), 'greenroom-migrations-'));
    try {
      const copy = join(folder, 'drizzle');
      await cp(join(root, 'drizzle'), copy, { recursive: true });
      const before = new Set(await readdir(copy));
      const config = join(folder, 'drizzle.config.json');
      // drizzle-kit puts `./` before whatever `out` says, so an absolute path would not be found.
      const out = relative(root, copy);
      const schema = './src/db/schema/*.ts';
      await writeFile(config, JSON.stringify({ dialect: 'postgresql', schema, out }));
      // Without a terminal it fails where it would ask whether a column was renamed: a drift, too.
      const result = await runTool(root, 'drizzle-kit', ['generate', '--config', config]);
      const added = (await readdir(copy)).filter((file) => !before.has(file));
      const faults = toolFaults(result);
      for (const file of added) {
        faults.push(
          `src/db/schema has changes without a migration (run npm run db:generate): ${file}`,
        );
      }
      const tables = /^(\d+) tables$/m.exec(result.stdout)?.[1] ?? 0;
      return { faults, checked: Number(tables), unit: 'tables' };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

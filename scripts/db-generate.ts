/**
 * `npm run db:generate`: writes the migrations that the declarations ask for. Two kinds:
 * tables, which drizzle-kit compares with its last snapshot, and the triggers that record
 * tags; those of each table whose newest triggers differ are made anew.
 */
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tagRegistry } from '../src/db/schema/index.ts';
import { generateTriggers, triggerMigration } from '../src/db/triggers.ts';
import { projectFolder, runCommand } from './cli.ts';
import { drizzleKit } from './drizzle-kit.ts';
import { findOutdatedTriggers } from './trigger-migrations.ts';

const folder = path.join(projectFolder, 'drizzle');

await runCommand({
  name: 'db:generate',
  summary: 'Writes migrations for changed tables and changed tag declarations to drizzle/.',
  options: { name: { type: 'string', value: 'NAME', description: 'name of a table migration' } },
  async run({ name }) {
    await drizzleKit(['generate', ...(name === undefined ? [] : ['--name', name])]);
    const wanted = tagRegistry.tables.map((table) => ({ ...generateTriggers(table), table }));
    const outdated = await findOutdatedTriggers(folder, wanted);
    if (outdated.length === 0) {
      console.log('The triggers are what the tables declare.');
      return;
    }
    const before = new Set(await readdir(folder));
    await drizzleKit(['generate', '--custom', '--name', 'cache_triggers']);
    const made = (await readdir(folder)).find((file) => !before.has(file) && file.endsWith('.sql'));
    if (made === undefined) throw new Error('drizzle-kit made no migration');
    await writeFile(path.join(folder, made), triggerMigration(outdated.map(({ table }) => table)));
    const names = outdated.map(({ tableName }) => tableName).join(', ');
    console.log(`Wrote the triggers of ${names} to drizzle/${made}`);
  },
});

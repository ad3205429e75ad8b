/** `npm run db:migrate`: brings the database to the schema of this version; nothing to do is fine. */
import { migrate } from '../src/db/migrate.ts';
import { runCommand } from './cli.ts';
import { withAddress } from './database.ts';

await runCommand({
  name: 'db:migrate',
  summary: 'Applies the migrations in drizzle/ that the database does not have yet.',
  options: {},
  async run() {
    await withAddress(async ({ directUrl }) => migrate(directUrl));
    console.log('The database has the schema of this version.');
  },
});

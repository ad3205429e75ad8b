/**
 * `npm run db:seed`: the demo accounts and projects; adds only what is missing. Their
 * passwords are public, so a real database gets them only with SEED_DEMO=true.
 */
import { migrate } from '../src/db/migrate.ts';
import { seed } from '../src/db/seed.ts';
import { createWrite } from '../src/db/write.ts';
import { jsonOption, runCommand, UsageError } from './cli.ts';
import { withDatabase } from './database.ts';

await runCommand({
  name: 'db:seed',
  summary:
    'Adds the demo accounts and projects where they are missing, after migrating. ' +
    'On a database named by DATABASE_URL only with SEED_DEMO=true.',
  options: { json: jsonOption },
  async run({ json }) {
    const added = await withDatabase(async (database, config) => {
      if (!(config.seedDemo ?? database.embedded)) {
        throw new UsageError('the demo has public passwords: set SEED_DEMO=true to add it here');
      }
      await migrate(config.database.directUrl ?? database.url);
      // A running app learns of these writes as of any that others make: from the outbox,
      // within a lease. This process caches nothing and has nobody to wait for.
      const write = createWrite({ sql: database.write, written: () => Promise.resolve() });
      return seed(write, ({ done, total, what }) => console.error(`${done} of ${total}: ${what}`));
    });
    if (json) console.log(JSON.stringify(added));
    else
      console.log(
        `Added ${added.users} users, ${added.projects} projects, ${added.scenes} scenes, ` +
          `${added.personas} personas, ${added.conversations} conversations.`,
      );
  },
});

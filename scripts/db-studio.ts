/** `npm run db:studio`: drizzle-kit's browser of the tables, on the running or the embedded database. */
import { runCommand } from './cli.ts';
import { withAddress } from './database.ts';
import { drizzleKit } from './drizzle-kit.ts';

await runCommand({
  name: 'db:studio',
  summary:
    'Shows and edits the tables in the browser (https://local.drizzle.studio). Changes made there ' +
    'invalidate cached answers like any other write.',
  options: {
    port: { type: 'string', value: 'PORT', description: 'port of the studio (default 4983)' },
  },
  async run({ port }) {
    await withAddress(({ directUrl }) =>
      drizzleKit(['studio', ...(port === undefined ? [] : ['--port', port])], directUrl),
    );
  },
});

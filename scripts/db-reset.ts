/**
 * `npm run db:reset`: an empty, migrated database. Asks first. A database that is not the
 * embedded one is never emptied by an answer typed in passing: it takes `--yes`.
 */
import { createInterface } from 'node:readline/promises';
import postgres from 'postgres';
import { migrate } from '../src/db/migrate.ts';
import { runCommand, UsageError } from './cli.ts';
import type { DatabasePlace } from '../src/server/database-place.ts';
import { withAddress } from './database.ts';

const CONNECT_SECONDS_MAX = 2;

await runCommand({
  name: 'db:reset',
  summary:
    'Removes all tables and data and migrates anew. Stop the app first. ' +
    'The next start seeds the demo again.',
  options: {
    yes: { type: 'boolean', description: 'do not ask; required for a DATABASE_URL' },
  },
  async run({ yes }) {
    await withAddress(async (address) => {
      const { host, pathname } = new URL(address.url);
      const name = address.embedded ? 'the embedded database' : `${host}${pathname}`;
      await refuseWhileUsed(address.directUrl);
      if (!yes) await confirm(name, address);
      await removeEverything(address.directUrl);
      await migrate(address.directUrl);
      console.log(`${name} is empty and has the schema of this version.`);
    });
  },
});

/** Dropping a table fires no trigger: a running app would go on answering from its cache. */
async function refuseWhileUsed(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, connect_timeout: CONNECT_SECONDS_MAX });
  try {
    const rows = await sql`
      select from pg_stat_activity
       where datname = current_database() and application_name = 'greenroom-lease'`;
    if (rows.length > 0) throw new UsageError('the app is running on this database: stop it first');
  } finally {
    await sql.end({ timeout: CONNECT_SECONDS_MAX });
  }
}

async function confirm(name: string, { embedded }: DatabasePlace): Promise<void> {
  if (!embedded)
    throw new UsageError(`${name} is not the embedded database: add --yes to empty it`);
  if (!process.stdin.isTTY) throw new UsageError('nobody to ask: add --yes');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Remove all data of ${name}? Type yes: `);
  prompt.close();
  if (answer.trim().toLowerCase() !== 'yes') throw new UsageError('nothing was removed');
}

async function removeEverything(url: string): Promise<void> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connect_timeout: CONNECT_SECONDS_MAX,
  });
  try {
    // In one transaction: an interrupted reset leaves the old data, not half of it.
    await sql.begin(async (tx) => {
      await tx`set local lock_timeout = '10s'`;
      await tx`drop schema if exists drizzle cascade`;
      await tx`drop schema if exists public cascade`;
      await tx`create schema public`;
    });
  } finally {
    await sql.end({ timeout: CONNECT_SECONDS_MAX });
  }
}

/**
 * `npm run cache:cleanup`: trims the outbox of the cache and deletes builds that nobody has made
 * for a day. Works while the app runs, which trims by itself as well: rows and the trim mark move
 * together, and a process that is behind the mark drops its cache.
 */
import { DAY } from '../src/config/duration.ts';
import { createDirectory } from '../src/db/directory.ts';
import type { Sql } from '../src/db/client.ts';
import { createBuildCleaner } from '../src/db/queries/builds.ts';
import { integerOption, jsonOption, runCommand } from './cli.ts';
import { withDatabase } from './database.ts';

/** Some leases' worth at a busy rate, as the app keeps. */
const ROWS_KEPT = 10_000;
/** Builds are cached for a day; an older one is made again when it is asked for. */
const BUILD_AGE_MS = DAY;
/** One statement's share: short locks, visible progress. */
const ROWS_DELETED_MAX = 10_000;

await runCommand({
  name: 'cache:cleanup',
  summary: 'Removes old rows of the outbox and old builds, which nobody needs any more.',
  options: {
    keep: { type: 'string', value: 'ROWS', description: `newest rows to keep (${ROWS_KEPT})` },
    json: jsonOption,
  },
  async run({ keep, json }) {
    const rowsKept = integerOption('keep', keep, { default: ROWS_KEPT, min: 0, max: 1e9 });
    const result = await withDatabase(async ({ write, lease }) => {
      const directory = createDirectory({ write, lease });
      const before = await countRows(write);
      let left = before;
      for (;;) {
        // Every transaction below the snapshot's xmin has ended.
        const [row] = await write<{ xmin: string }[]>`
          select pg_snapshot_xmin(pg_current_snapshot()) as xmin`;
        const below = Number(row?.xmin ?? 0);
        await directory.trim({ below, rowsKept, rowsDeletedMax: ROWS_DELETED_MAX });
        const count = await countRows(write);
        if (!json) console.error(`${count} rows left`);
        if (count >= left) break;
        left = count;
      }
      const builds = await createBuildCleaner(write)(BUILD_AGE_MS);
      return { before, removed: Math.max(0, before - left), left, builds };
    });
    if (json) console.log(JSON.stringify(result));
    else {
      console.log(`${result.removed} of ${result.before} outbox rows removed.`);
      console.log(`${result.builds} old builds removed.`);
    }
  },
});

async function countRows(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from cache_outbox`;
  return row?.count ?? 0;
}

/**
 * The database of the settings, for as long as a script needs it: the one that
 * DATABASE_URL names, or the embedded one, joined when the app runs and started when not.
 */
import { type Config, readConfig } from '../src/config/env.ts';
import { type Database, openDatabase } from '../src/db/client.ts';
import { type DatabasePlace, findDatabase } from '../src/server/database-place.ts';

export async function withAddress<T>(
  action: (place: DatabasePlace, config: Config) => Promise<T>,
): Promise<T> {
  const config = readConfig();
  const place = await findDatabase(config.database, (line) => console.error(line));
  try {
    return await action(place, config);
  } finally {
    await place.leave();
  }
}

export async function withDatabase<T>(
  action: (database: Database, config: Config) => Promise<T>,
): Promise<T> {
  return withAddress(async ({ url, directUrl, embedded }, config) => {
    const database = openDatabase({
      url,
      directUrl,
      embedded,
      applicationName: 'greenroom-script',
    });
    try {
      return await action(database, config);
    } finally {
      await database.close();
    }
  });
}

/** Connections that are lost: what waits on them ends in time, and nothing else is touched. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../src/db/client.ts';
import { createDirectory } from '../../src/db/directory.ts';
import { isDatabaseUnavailable } from '../../src/db/error-kinds.ts';
import { createTestDatabase } from '../fixtures/database.ts';
import { startLink, type Link } from '../fixtures/link.ts';
import { until } from '../contract/when-ready.ts';

/**
 * Of statements; what is silent longer than that and the driver's margin, of two seconds, is given up.
 * A statement takes a millisecond; the rest is for a busy machine.
 */
const STATEMENT_MS_MAX = 2_000;

describe('a connection that is lost, with or without a word,', () => {
  let parts: AsyncDisposableStack;
  let link: Link;
  let database: Database;

  beforeEach(async () => {
    parts = new AsyncDisposableStack();
    const url = new URL(parts.use(await createTestDatabase()).url);
    link = parts.use(await startLink(Number(url.port || 5432)));
    url.hostname = '127.0.0.1';
    url.port = String(link.port);
    database = openDatabase({
      url: url.href,
      readConnectionsMax: 1,
      writeConnectionsMax: 1,
      readMsMax: STATEMENT_MS_MAX,
      writeMsMax: STATEMENT_MS_MAX,
      leaseMsMax: STATEMENT_MS_MAX,
    });
    parts.defer(() => database.close());
  });
  afterEach(() => parts.disposeAsync());

  it('is given up: what waits on it fails as unavailable, and the next one is answered', async () => {
    const { beat } = createDirectory(database);
    const ask = () => [
      database.read`SELECT 1`,
      database.write.begin((sql) => sql`SELECT 1`),
      beat('member'),
    ];
    await Promise.all(ask());
    link.abandon();
    const lost = await Promise.allSettled(ask());
    for (const each of lost) {
      expect(each.status === 'rejected' && isDatabaseUnavailable(each.reason)).toBe(true);
    }
    await Promise.all(ask());
  });

  it('is made with a proxy whose server is away, which takes and closes it: who asks is told', async () => {
    // Nobody listens on the port of tcpmux.
    link.leadTo(1);
    const { beat } = createDirectory(database);
    const asked = [
      database.read`SELECT 1`,
      database.write.begin((sql) => sql`SELECT 1`),
      beat('member'),
    ];
    for (const each of await Promise.allSettled(asked)) {
      expect(each.status === 'rejected' && isDatabaseUnavailable(each.reason)).toBe(true);
    }
  });

  it('in the middle of a transaction is given up too, and whoever comes next is not hit by it', async () => {
    const transaction = database.write.begin(async (sql) => {
      await sql`SELECT 1`;
      link.abandon();
      await Promise.all([sql`SELECT 2`, sql`SELECT 3`]);
    });
    await expect(transaction).rejects.toSatisfy(isDatabaseUnavailable);
    await database.write`SELECT 1`;
  });

  it('is not remembered: what ended its statement does not end the next one', async () => {
    await database.write`SET statement_timeout = 0`;
    const endSlow = async (): Promise<boolean> => {
      const ended = await database.read`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()`;
      return ended.length > 0;
    };
    await Promise.all([
      expect(database.write`SELECT pg_sleep(3.5)`).rejects.toSatisfy(isDatabaseUnavailable),
      until(endSlow),
    ]);
    await database.write`SELECT 1`;
  });

  it('takes its transaction with it: no later statement of it is run on the next connection', async () => {
    await database.write`CREATE TABLE written (what text)`;
    const { promise: reconnected, resolve } = Promise.withResolvers<void>();
    const transaction = database.write.begin(async (sql) => {
      await sql`INSERT INTO written VALUES ('before')`;
      link.mend('reset');
      await reconnected;
      await sql`INSERT INTO written VALUES ('after')`;
    });
    await expect(transaction).rejects.toSatisfy(isDatabaseUnavailable);
    await database.write`SELECT 1`;
    resolve();
    await database.write`SELECT 1`;
    expect(await database.write`SELECT what FROM written`).toEqual([]);
  });

  it('is no connection that is idle, nor one whose statement is slow but in its time', async () => {
    const pid = async () => (await database.lease`SELECT pg_backend_pid() AS pid`)[0]?.['pid'];
    const before = await pid();
    await database.lease`SET statement_timeout = 0`;
    // Two statements that are each within the bound, and together beyond it.
    await database.lease`SELECT pg_sleep(2.5)`;
    await database.lease`SELECT pg_sleep(2.5)`;
    expect(await pid()).toBe(before);
  });
});

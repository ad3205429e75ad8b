/**
 * The only way to write. `write(tx => …)` runs a transaction, reads back which tags its own
 * statements recorded (the triggers put them into the outbox), commits, and returns when every
 * process that may cache knows of it: nobody lists what to invalidate.
 *
 * An error rolls back and publishes nothing. So does a commit whose outcome is unknown (connection
 * lost in COMMIT): it answers the error, and the outbox tells the members if it happened. Writes wait
 * for a connection in a bounded queue, and not for long.
 */
import { sql as query } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import { SECOND } from '../config/duration.ts';
import { DATABASE_IDENTITY } from './directory.ts';
import { createTurns } from './turns.ts';

export type WriteTx = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];

export type Write = <T>(work: (tx: WriteTx) => Promise<T>) => Promise<T>;

/** What a committed transaction changed: where, its id, and the tags its statements recorded. */
export interface CommittedWrite {
  readonly identity: string;
  readonly xid: number;
  readonly tags: readonly string[];
}

export interface WriteOptions {
  readonly sql: Sql;
  /** Called after the commit's reply; the write returns when this does. */
  readonly written: (write: CommittedWrite) => Promise<void>;
}

/** A few seconds' worth at the rate of a healthy database. */
const WAITING_MAX = 1_000;
/** A person has given up by then. */
const WAIT_MS_MAX = 10 * SECOND;

export function createWrite({ sql, written }: WriteOptions): Write {
  const db = drizzle(sql);
  const takeTurn = createTurns({
    atOnce: sql.options.max,
    waitingMax: WAITING_MAX,
    waitMsMax: WAIT_MS_MAX,
  });
  return async (work) => {
    let committed: CommittedWrite | undefined;
    const result = await takeTurn(() =>
      db.transaction(async (tx) => {
        const value = await work(tx);
        committed = await ownWrite(tx);
        return value;
      }),
    );
    if (committed) await written(committed);
    return result;
  };
}

async function ownWrite(tx: WriteTx): Promise<CommittedWrite | undefined> {
  // Pipelined on the transaction's connection. Deferred constraints come first: their triggers
  // may still fail or change rows.
  const [, rows] = await Promise.all([
    tx.execute(query`SET CONSTRAINTS ALL IMMEDIATE`),
    tx.execute<{ identity: string; xid: string; tags: string[] }>(
      query`SELECT ${query.raw(DATABASE_IDENTITY)} AS identity, xid, tags
              FROM cache_outbox WHERE xid = pg_current_xact_id_if_assigned()`,
    ),
  ]);
  const first = rows[0];
  if (!first) return undefined;
  const { identity, xid } = first;
  return { identity, xid: Number(xid), tags: [...new Set(rows.flatMap((row) => row.tags))] };
}

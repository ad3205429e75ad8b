/**
 * The shared store in PostgreSQL, for deployments without Redis: two unlogged tables, which a crash
 * of the server empties, as it would Redis.
 *
 *   cache_entries (key text primary key, value bytea, bytes integer, expires_at timestamptz)
 *   cache_claims  (key text primary key, holder text, expires_at timestamptz)
 *
 * A hit is one select by primary key. Expiry is by the database's clock, the same for everybody.
 * Knows no driver: it is given a function that runs one statement. Expired rows are deleted in
 * small batches by those who write, and by `cleanUp`.
 */
import { DAY, MINUTE } from '../../config/duration.ts';
import type { ByteStore } from './store.ts';

/** Runs one statement with $1, $2 … in autocommit. `bytea` comes and goes as Uint8Array. */
export type RunStatement = (
  text: string,
  parameters: readonly unknown[],
) => Promise<readonly Record<string, unknown>[]>;

export interface PostgresStoreOptions {
  /** Read-only connections will do. */
  readonly read: RunStatement;
  readonly write: RunStatement;
  /** Values together, kept to at each clean-up. Default 500 MB, as C13 asks of the shared tier. */
  readonly bytesMax?: number;
  /** Between two clean-ups by one process. Default a minute. 0: at each write. */
  readonly cleanUpEveryMs?: number;
}

export interface PostgresStore extends ByteStore {
  /** Deletes expired rows, then the soonest to expire while over the bound; returns how many. */
  cleanUp(): Promise<number>;
}

const BYTES_MAX = 500_000_000;
/** Rows of one clean-up: some ten milliseconds, and locks on nothing that anybody waits for. */
const ROWS_DELETED_MAX = 1_000;
/** A hundred years; a longer TTL is one without an end. */
const TTL_MS_MAX = 100 * 365 * DAY;

const GET = `SELECT value FROM cache_entries WHERE key = $1 AND expires_at > now()`;
const GET_MANY = `SELECT key, value FROM cache_entries WHERE key = ANY($1::text[]) AND expires_at > now()`;
const SET = `INSERT INTO cache_entries (key, value, bytes, expires_at)
  VALUES ($1, $2::bytea, $3::integer, now() + $4::float8 * interval '1 millisecond')
  ON CONFLICT (key) DO UPDATE
  SET value = excluded.value, bytes = excluded.bytes, expires_at = excluded.expires_at`;
const CLAIM = `INSERT INTO cache_claims (key, holder, expires_at)
  VALUES ($1, $2, now() + $3::float8 * interval '1 millisecond')
  ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
  WHERE cache_claims.expires_at <= now() OR cache_claims.holder = excluded.holder
  RETURNING 1 AS mine`;
const RELEASE = `DELETE FROM cache_claims WHERE key = $1 AND holder = $2`;
// SKIP LOCKED: two processes that clean up at once take different rows.
const DELETE_EXPIRED = `WITH gone AS (
  DELETE FROM cache_entries WHERE key IN (
    SELECT key FROM cache_entries WHERE expires_at <= now()
     ORDER BY expires_at LIMIT $1::integer FOR UPDATE SKIP LOCKED) RETURNING 1)
  SELECT count(*)::integer AS rows FROM gone`;
const DELETE_CLAIMS = `DELETE FROM cache_claims WHERE key IN (
    SELECT key FROM cache_claims WHERE expires_at <= now() LIMIT $1::integer FOR UPDATE SKIP LOCKED)`;
const DELETE_OVER = `WITH soonest AS MATERIALIZED (
    SELECT key, sum(bytes) OVER (ORDER BY expires_at DESC, key) AS kept FROM cache_entries),
  gone AS (
    DELETE FROM cache_entries WHERE key IN (
      SELECT key FROM soonest WHERE kept > $1::bigint LIMIT $2::integer) RETURNING 1)
  SELECT count(*)::integer AS rows FROM gone`;
const SIZE = `SELECT count(*)::integer AS entries, coalesce(sum(bytes), 0)::float8 AS bytes,
  current_setting('server_version') AS version FROM cache_entries`;

export function createPostgresStore(options: PostgresStoreOptions): PostgresStore {
  const { read, write } = options;
  const bytesMax = options.bytesMax ?? BYTES_MAX;
  const cleanUpEveryMs = options.cleanUpEveryMs ?? MINUTE;
  let cleanUpAtMs = performance.now() + cleanUpEveryMs;

  async function cleanUp(): Promise<number> {
    const [expired] = await write(DELETE_EXPIRED, [ROWS_DELETED_MAX]);
    await write(DELETE_CLAIMS, [ROWS_DELETED_MAX]);
    const [over] = await write(DELETE_OVER, [bytesMax, ROWS_DELETED_MAX]);
    return Number(expired?.['rows'] ?? 0) + Number(over?.['rows'] ?? 0);
  }

  return {
    async get(key) {
      const [row] = await read(GET, [key]);
      return row?.['value'] as Uint8Array | undefined;
    },
    async getMany(keys) {
      const rows = await read(GET_MANY, [keys]);
      const byKey = new Map(rows.map((row) => [row['key'], row['value'] as Uint8Array]));
      return keys.map((key) => byKey.get(key));
    },
    async set(key, bytes, ttlMs) {
      await write(SET, [key, bytes, bytes.length, Math.min(ttlMs, TTL_MS_MAX)]);
      if (performance.now() < cleanUpAtMs) return;
      cleanUpAtMs = performance.now() + cleanUpEveryMs;
      // Nobody waits for it, and the next one does what this one could not.
      void cleanUp().catch(() => undefined);
    },
    async claim(key, by, ttlMs) {
      return (await write(CLAIM, [key, by, ttlMs])).length > 0;
    },
    async release(key, by) {
      await write(RELEASE, [key, by]);
    },
    async describe() {
      const [row] = await read(SIZE, []);
      return {
        kind: 'postgres',
        entries: Number(row?.['entries'] ?? 0),
        bytes: Number(row?.['bytes'] ?? 0),
        bytesMax,
        version: String(row?.['version']),
      };
    },
    // The connections are not its own.
    close: async () => undefined,
    cleanUp,
  };
}

/**
 * The coherence protocol's directory in PostgreSQL: who lives (`cache_members`), what was written
 * (`cache_outbox`, filled by triggers) and how far back that is kept (`cache_trim`).
 *
 * Renewals have a connection of their own, so that they never queue behind loads or writes. Each
 * call is one autocommitted statement, and so one snapshot. Nothing newer than PostgreSQL 15:
 * `max(xid8)` came later, hence ORDER BY … LIMIT 1.
 */
import type { Sql } from 'postgres';
import type { DirectoryPort, Observation } from '../cache/coherence/index.ts';

export interface DirectoryOptions {
  /** One connection, for renewals only; not through a pooler. */
  readonly lease: Sql;
  readonly write: Sql;
}

/**
 * Which database this is, as an SQL expression: cluster, timeline, database and outbox table. A
 * restored or reset database is another one, also when it has the old one's name.
 */
export const DATABASE_IDENTITY = `(SELECT system_identifier::text FROM pg_control_system())
  || '.' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
  || '.' || (SELECT oid::text FROM pg_database WHERE datname = current_database())
  || '.' || 'public.cache_outbox'::regclass::oid::text`;

export function createDirectory({ lease, write }: DirectoryOptions): DirectoryPort {
  return {
    async beat(id) {
      const [row] = await lease<{ beat: string }[]>`
        INSERT INTO cache_members (id, beat) VALUES (${id}, pg_current_xact_id())
        ON CONFLICT (id) DO UPDATE SET beat = excluded.beat RETURNING beat`;
      return row?.beat ?? '';
    },

    async observe(since) {
      // A first observation has seen nothing: everything is at or above 0 and invisible in 1:1:.
      const horizon = String(since?.horizon ?? 0);
      const snapshot = since?.snapshot ?? '1:1:';
      const [row] = await lease<ObservationRow[]>`
        SELECT ${lease.unsafe(DATABASE_IDENTITY)} AS identity,
               pg_snapshot_xmin(pg_current_snapshot())::text AS xmin,
               pg_current_snapshot()::text AS snapshot,
               (SELECT mark::text FROM cache_trim) AS trim_mark,
               (SELECT coalesce(json_agg(json_build_array(xid::text, tags) ORDER BY xid), '[]')
                  FROM cache_outbox
                 WHERE xid >= ${horizon}::xid8
                   AND NOT pg_visible_in_snapshot(xid, ${snapshot}::pg_snapshot)) AS rows,
               (SELECT coalesce(json_object_agg(id, beat::text), '{}') FROM cache_members) AS beats`;
      if (!row) throw new Error('the observation answered no row');
      return toObservation(row);
    },

    async members() {
      const rows = await write<{ id: string }[]>`SELECT id FROM cache_members`;
      return rows.map((row) => row.id);
    },

    async reap({ id, beat, identity }) {
      await write`
        DELETE FROM cache_members
         WHERE id = ${id} AND beat = ${beat}::xid8 AND ${write.unsafe(DATABASE_IDENTITY)} = ${identity}`;
    },

    async leave(id) {
      await write`DELETE FROM cache_members WHERE id = ${id}`;
    },

    async trim({ below, rowsKept, rowsDeletedMax }) {
      // The mark's row is locked first, so that two trims cannot make it fall; mark and rows move
      // in this one statement, and so together. A transaction of which one row is kept stays whole.
      await write`
        WITH locked AS MATERIALIZED (SELECT mark FROM cache_trim FOR UPDATE),
        kept AS MATERIALIZED (SELECT xid FROM cache_outbox ORDER BY xid DESC LIMIT ${rowsKept}),
        old AS MATERIALIZED (
          SELECT xid FROM cache_outbox, locked
           WHERE xid < least(${String(below)}::xid8, (SELECT xid FROM kept ORDER BY xid LIMIT 1))
           ORDER BY xid LIMIT ${rowsDeletedMax}),
        cut AS MATERIALIZED (SELECT xid FROM old ORDER BY xid DESC LIMIT 1),
        gone AS (DELETE FROM cache_outbox WHERE xid <= (SELECT xid FROM cut))
        UPDATE cache_trim SET mark = greatest(mark, (cut.xid::text::bigint + 1)::text::xid8) FROM cut`;
    },
  };
}

/** The tags that one transaction recorded, for a journal whose messages are too short for them. */
export function outboxTags(sql: Sql): (xid: number) => Promise<readonly string[]> {
  return async (xid) => {
    const rows = await sql<{ tags: string[] }[]>`
      SELECT tags FROM cache_outbox WHERE xid = ${String(xid)}::xid8`;
    return [...new Set(rows.flatMap((row) => row.tags))];
  };
}

interface ObservationRow {
  identity: string;
  xmin: string;
  snapshot: string;
  trim_mark: string | null;
  rows: [xid: string, tags: string[]][];
  beats: Record<string, string>;
}

function toObservation(row: ObservationRow): Observation {
  return {
    identity: row.identity,
    xmin: Number(row.xmin),
    snapshot: row.snapshot,
    trimMark: Number(row.trim_mark ?? 0),
    rows: row.rows.map(([xid, tags]) => ({ xid: Number(xid), tags })),
    beats: new Map(Object.entries(row.beats)),
  };
}

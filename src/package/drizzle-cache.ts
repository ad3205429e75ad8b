/**
 * A cache on a PostgreSQL, put together: connections that can only read for loaders, `write` as the
 * one way to write, the lease, a journal over LISTEN/NOTIFY, and the check that the triggers in the
 * database are those that the tables declare. 20 connections, and one that listens.
 */
import { randomUUID } from 'node:crypto';
import { systemClock, type CoherenceEvent } from '../cache/coherence/index.ts';
import {
  createCache,
  createPostgresJournal,
  type Cache,
  type CacheFreshness,
  type Journal,
  type SharedOptions,
} from '../cache/index.ts';
import { SECOND } from '../config/duration.ts';
import { assertReadOnly, openDatabase, type Database, type DatabaseOptions } from '../db/client.ts';
import { createDirectory, outboxTags } from '../db/directory.ts';
import { createNotifications } from '../db/notifications.ts';
import { createReader, type ReadDb } from '../db/read.ts';
import type { TagRegistry } from '../db/tag-registry.ts';
import { findTriggerDrift, type TriggerDrift } from '../db/trigger-check.ts';
import { createWrite, type Write } from '../db/write.ts';

/** The longest that a write waits for a process that does not answer. */
const LEASE_MS = 2 * SECOND;

export interface DrizzleCacheOptions<Extra extends object> {
  /** Of the primary, and of the pools: how many connections, how long a statement may take. */
  readonly database: DatabaseOptions;
  /** Every table that a cached read may touch. */
  readonly tags: TagRegistry;
  /** Part of every key: bump it when cached values change their shape. */
  readonly version: string;
  /**
   * True: a load that reads a table which its tags do not cover throws. False: it is answered and
   * not kept. True belongs in development and tests, false in production.
   */
  readonly strict: boolean;
  /** What loaders get beside `db`; nothing that knows a request. Default: nothing. */
  readonly resources?: Extra;
  /** The same for all processes on one database. Default: 2000. */
  readonly leaseMs?: number;
  /** False: every read goes to the source, with the same answers. Default: true. */
  readonly enabled?: boolean;
  /** Settings of a deployment, by cache name; they win over the definition's own. */
  readonly freshness?: Readonly<Record<string, Partial<CacheFreshness>>>;
  /** A store that processes share, such as `createRedisStore`. Default: none. */
  readonly shared?: SharedOptions;
  /** Given the member's id. Default: LISTEN and NOTIFY on the same database. */
  readonly journal?: (id: string) => Journal;
  /** A read was not kept because its tags do not cover it (`strict: false`). */
  readonly onUncovered?: (name: string, reason: string) => void;
  /** Tables of which the triggers are missing or old: nothing that reads them is kept. */
  readonly onDrift?: (drift: TriggerDrift) => void;
  readonly onEvent?: (event: CoherenceEvent) => void;
}

export interface DrizzleCache<Extra extends object> extends AsyncDisposable {
  readonly cache: Cache<Extra & { readonly db: ReadDb }>;
  /** Returns when no process can serve what was there before. */
  readonly write: Write;
  /** For reads that are not cached; it can only read. */
  readonly db: ReadDb;
  /** Leaves: no process waits for this one any more, and the connections end. */
  close(): Promise<void>;
}

/** @throws what the driver throws, when the database cannot be reached or lacks the migration */
export async function openDrizzleCache<Extra extends object = object>(
  options: DrizzleCacheOptions<Extra>,
): Promise<DrizzleCache<Extra>> {
  await using parts = new AsyncDisposableStack();
  const database = openDatabase(options.database);
  parts.defer(() => database.close());
  await assertReadOnly(database);
  await assertMigrated(database);

  const id = randomUUID();
  const journal = (options.journal ?? openJournal)(id);
  parts.defer(() => journal.close());
  const reader = await createReader(database.read);
  const cache = createCache<Extra & { readonly db: ReadDb }>({
    ...given(options, ['enabled', 'freshness', 'shared', 'onUncovered', 'onEvent']),
    member: {
      id,
      leaseMs: options.leaseMs ?? LEASE_MS,
      mode: 'lease',
      clock: systemClock,
      random: Math.random,
    },
    ports: { directory: createDirectory(database) },
    journal,
    openLoad() {
      const { db, touched } = reader.record();
      return { resources: { ...(options.resources as Extra), db }, touched };
    },
    coverage: options.tags,
    strict: options.strict,
    version: options.version,
  });
  const drifted = await findTriggerDrift(database.read, options.tags.tables);
  for (const drift of drifted) options.onDrift?.(drift);
  cache.distrustTables(drifted.map(({ tableName }) => tableName));
  await cache.start();
  parts.defer(() => cache.close());

  const started = parts.move();
  return {
    cache,
    db: reader.db,
    write: createWrite({ sql: database.write, written: (done) => cache.written(done) }),
    close: () => started.disposeAsync(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };

  function openJournal(member: string): Journal {
    const { directUrl, url } = options.database;
    const connection = createNotifications({ url: directUrl ?? url, write: database.write });
    return createPostgresJournal({ id: member, connection, readTags: outboxTags(database.write) });
  }
}

/** Without its tables a member would try to join for ever. */
async function assertMigrated({ read }: Pick<Database, 'read'>): Promise<void> {
  const [row] = await read<{ found: boolean }[]>`
    SELECT to_regclass('public.cache_members') IS NOT NULL AS found`;
  if (row?.found) return;
  throw new Error(
    'The database has no table cache_members: add the text of cacheMigration() to the migrations and run them',
  );
}

/** Those of the options that were given. */
function given<T extends object, Name extends keyof T>(
  values: T,
  names: readonly Name[],
): Pick<T, Name> {
  return Object.fromEntries(
    names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  ) as Pick<T, Name>;
}

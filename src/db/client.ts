/**
 * The connections of one process, 20 in all: 14 that read, 5 that write, 1 for the lease.
 *
 * The split is a promise, not only bookkeeping. What a resolver can reach reads on
 * connections that the server itself holds read-only, so that a write which slips past
 * the types fails there (SQLSTATE 25006). And the lease has its own: a renewal must never
 * queue behind loads, and goes around a pooler (`directUrl`). Behind PgBouncer the
 * `url` needs `track_extra_parameters = default_transaction_read_only` (`assertReadOnly`).
 */
import postgres from 'postgres';
import { SECOND } from '../config/duration.ts';

export type Sql = postgres.Sql;

export interface Database {
  readonly url: string;
  readonly embedded: boolean;
  readonly read: Sql;
  readonly write: Sql;
  readonly lease: Sql;
  /** Ends all connections; queries still running get a second. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** The same database past a pooler, for the lease. Default: url. */
  directUrl?: string | undefined;
  /** Whether url is the embedded server's. Default: false. */
  embedded?: boolean;
  /** Shown by pg_stat_activity with `-read`, `-write` or `-lease`. Default: greenroom. */
  applicationName?: string;
  /** Connections that read; tests make small pools. Default: 14. */
  readConnectionsMax?: number;
  /** Connections that write. Default: 5. */
  writeConnectionsMax?: number;
  /** Longest query that reads. Default: 10 s. */
  readMsMax?: number;
  /** Longest statement that writes, with its wait for locks. Default: 10 s. */
  writeMsMax?: number;
  /** Longest statement of the lease; beyond the lease an answer is of no use. Default: 2 s. */
  leaseMsMax?: number;
  /** How long a connection may take to stand. Default: 2 s. */
  connectMsMax?: number;
}

export const READ_CONNECTIONS_MAX = 14;
const WRITE_CONNECTIONS_MAX = 5;
/** A person has given up by then, and the slot is wanted by others. */
const STATEMENT_MS_MAX = 10 * SECOND;
const LEASE_STATEMENT_MS_MAX = 2 * SECOND;
/** A transaction that waits for its own process holds locks and keeps dead rows alive. */
const IDLE_IN_TRANSACTION_MS_MAX = 10 * SECOND;
const CONNECT_MS_MAX = 2 * SECOND;
/** postgres.js counts these in seconds. */
const IDLE_SECONDS_MAX = 30;
const CLOSE_SECONDS_MAX = 1;
/** Its default waits up to 20 s before it tries again; a database that is back is used at once. */
const RECONNECT_SECONDS_MAX = 0.5;
/**
 * Beyond a statement's longest time the server has vanished without a word (a host that died, a
 * firewall that forgot the connection), which TCP finds out after a quarter of an hour only.
 */
const SILENCE_MARGIN_MS = 2 * SECOND;

export function openDatabase(options: DatabaseOptions): Database {
  const name = options.applicationName ?? 'greenroom';
  const { url, connectMsMax = CONNECT_MS_MAX } = options;
  const connect = (to: string, max: number, settings: Settings): Sql =>
    openPool({ url: to, max, connectMsMax, settings });

  const read = connect(url, options.readConnectionsMax ?? READ_CONNECTIONS_MAX, {
    application_name: `${name}-read`,
    default_transaction_read_only: true,
    statement_timeout: options.readMsMax ?? STATEMENT_MS_MAX,
  });
  const write = connect(url, options.writeConnectionsMax ?? WRITE_CONNECTIONS_MAX, {
    application_name: `${name}-write`,
    statement_timeout: options.writeMsMax ?? STATEMENT_MS_MAX,
  });
  const lease = connect(options.directUrl ?? url, 1, {
    application_name: `${name}-lease`,
    statement_timeout: options.leaseMsMax ?? LEASE_STATEMENT_MS_MAX,
  });

  return {
    url,
    embedded: options.embedded ?? false,
    read,
    write,
    lease,
    async close() {
      await Promise.all([read, write, lease].map((sql) => sql.end({ timeout: CLOSE_SECONDS_MAX })));
    },
  };
}

type Settings = Partial<postgres.ConnectionParameters> & { readonly statement_timeout: number };

interface Pool {
  readonly url: string;
  readonly max: number;
  readonly connectMsMax: number;
  readonly settings: Settings;
}

function openPool({ url, max, connectMsMax, settings }: Pool): Sql {
  const isLease = max === 1 && settings.default_transaction_read_only === undefined;
  return postgres(url, {
    max,
    connect_timeout: connectMsMax / SECOND,
    silence_timeout: (settings.statement_timeout + SILENCE_MARGIN_MS) / SECOND,
    backoff: (attempt) => Math.min(RECONNECT_SECONDS_MAX, 0.02 * 2 ** attempt),
    // A lease is renewed all the time; closing its connection for a moment's rest or for its
    // age would only make a renewal late.
    ...(isLease
      ? { idle_timeout: undefined, max_lifetime: null }
      : { idle_timeout: IDLE_SECONDS_MAX }),
    connection: {
      ...settings,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
    },
    onnotice: () => undefined,
  });
}

/** Throws when the read connections could write: a pooler that swallowed the setting. */
export async function assertReadOnly(database: Pick<Database, 'read'>): Promise<void> {
  const [row] = await database.read<{ setting: string }[]>`
    select current_setting('default_transaction_read_only') as setting`;
  if (row?.setting !== 'on') {
    throw new Error(
      'The connections for reading are not read-only: the pooler behind DATABASE_URL drops default_transaction_read_only (PgBouncer: track_extra_parameters).',
    );
  }
}

/**
 * The default database: a real PostgreSQL out of npm, with its data in `.data/postgres`.
 *
 * Any number of processes may use one folder. The first starts the server, the others
 * join it, the last to leave stops it; each step is taken under the start lock. Two
 * roles: `greenroom`, which owns the database of that name and is all that the app needs
 * (CREATEDB and CREATEROLE, no superuser), and `postgres`. Knows no schema.
 * Throws EmbeddedError.
 */
import { access, chmod, constants, mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { MILLISECOND, SECOND } from '../config/duration.ts';
import { openCluster, SUPERUSER } from './embedded/cluster.ts';
import { EmbeddedError } from './embedded/errors.ts';
import { ensureGuard, stopGuard } from './embedded/guard.ts';
import { participate, type Participation } from './embedded/participants.ts';
import { findPlaces, type Places } from './embedded/places.ts';
import {
  findPostmaster,
  type Postmaster,
  settlePostmaster,
  signalPostmaster,
  startPostmaster,
  stopPostmaster,
} from './embedded/postmaster.ts';
import { withStartLock } from './embedded/start-lock.ts';

export { EmbeddedError, type EmbeddedErrorCode } from './embedded/errors.ts';

export interface EmbeddedOptions {
  /** The folder of the settings, not the cluster's: the data goes to `<dataDir>/postgres`. */
  dataDir: string;
  /** Lines for a person: a first start, a folder other than expected. */
  log: (line: string) => void;
  /** Server settings of a start (a joined server keeps its own); `fsync: 'off'` only in tests. */
  settings?: Record<string, string>;
}

export interface EmbeddedServer {
  /** As the role `greenroom`, to its database. */
  readonly url: string;
  /** As the superuser, to the database `postgres`: for tests and diagnosis, not for the app. */
  readonly adminUrl: string;
  /** Whether this call started the server; it does not matter for `stop`. */
  readonly owned: boolean;
  /** Leaves the server, and ends it when nobody else uses it. Within 4 s. */
  stop(): Promise<void>;
}

const APP = 'greenroom';
const CONNECT_SECONDS_MAX = 2;
/** A busy server frees a connection; one that never answers is not worth more patience. */
const JOIN_MS_MAX = 20 * SECOND;
const JOIN_RETRY_MS = 100 * MILLISECOND;
/** With the stop itself still within the 4 s. */
const LEAVE_LOCK_MS_MAX = 0.5 * SECOND;

export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  let control = path.resolve(options.dataDir);
  try {
    if (await mkdir(control, { recursive: true })) {
      // The server's user passes through; what is in it stays closed by its own mode.
      await chmod(control, 0o711);
    }
    control = await realpath(control);
    await access(control, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new EmbeddedError(
      'NOT_ACCESSIBLE',
      `The data folder ${control} cannot be written by this user (was it made by another one, such as root?). Set DATA_DIR to one that can, or DATABASE_URL to a real PostgreSQL.`,
      { cause: error },
    );
  }
  return withStartLock(control, () => startOrJoin(control, options));
}

async function startOrJoin(control: string, options: EmbeddedOptions): Promise<EmbeddedServer> {
  const places = await findPlaces(control);
  if (places.notice && !(await findPostmaster(places))) options.log(places.notice);
  const password = await openCluster(places, options);
  const participation = await participate(places.control);
  try {
    const joined = await join(places, password);
    const postmaster = joined ?? (await startPostmaster(places, options));
    await ensureGuard(places.control, postmaster.pid);
    await prepare(postmaster, password);
    return handle(places, { postmaster, password, participation, owned: !joined });
  } catch (error) {
    participation.leave();
    throw error;
  }
}

/** The running server, once it really answers: it may be about to end, or be overrun. */
async function join(places: Places, password: string): Promise<Postmaster | undefined> {
  const deadline = performance.now() + JOIN_MS_MAX;
  for (;;) {
    const postmaster = await settlePostmaster(places);
    if (!postmaster) return undefined;
    try {
      await withAdmin(postmaster, password, (sql) => sql`select 1`);
      return postmaster;
    } catch (error) {
      if (isWrongPassword(error) || performance.now() > deadline) throw error;
      await delay(JOIN_RETRY_MS);
    }
  }
}

function isWrongPassword(error: unknown): boolean {
  return (error as { code?: string }).code === '28P01';
}

/** The app's role and database; a start that was cut off between the two is made good. */
async function prepare(postmaster: Postmaster, password: string): Promise<void> {
  await withAdmin(postmaster, password, async (sql) => {
    const [found] = await sql<{ role: boolean; database: boolean }[]>`
      select exists (select from pg_roles where rolname = ${APP}) as role,
             exists (select from pg_database where datname = ${APP}) as database`;
    if (!found?.role) {
      await sql.unsafe(
        `create role ${APP} login createdb createrole password '${password}' in role pg_monitor`,
      );
    }
    if (!found?.database) await sql.unsafe(`create database ${APP} owner ${APP}`);
  });
}

async function withAdmin<T>(
  postmaster: Postmaster,
  password: string,
  action: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(urlOf(postmaster, password, SUPERUSER, 'postgres'), {
    max: 1,
    connect_timeout: CONNECT_SECONDS_MAX,
    fetch_types: false,
    onnotice: () => undefined,
  });
  try {
    return await action(sql);
  } finally {
    await sql.end({ timeout: CONNECT_SECONDS_MAX });
  }
}

interface Use {
  postmaster: Postmaster;
  password: string;
  participation: Participation;
  owned: boolean;
}

function handle(places: Places, use: Use): EmbeddedServer {
  const { postmaster, password, participation } = use;
  const leaveOnExit = () => {
    if (participation.leave()) signalPostmaster(postmaster.pid, 'SIGINT');
  };
  process.once('exit', leaveOnExit);
  let stopped: Promise<void> | undefined;
  return {
    url: urlOf(postmaster, password, APP, APP),
    adminUrl: urlOf(postmaster, password, SUPERUSER, 'postgres'),
    owned: use.owned,
    stop() {
      process.off('exit', leaveOnExit);
      return (stopped ??= leave(places, participation));
    },
  };
}

async function leave(places: Places, participation: Participation): Promise<void> {
  try {
    await withStartLock(
      places.control,
      async () => {
        // Looked up again: after a crash somebody else may have started another one.
        const current = await findPostmaster(places);
        if (!participation.leave() || !current) return;
        await stopGuard(places.control);
        await stopPostmaster(places, current);
      },
      { waitMsMax: LEAVE_LOCK_MS_MAX },
    );
  } catch (error) {
    // Somebody else takes long to start, and then uses it; if not, the guard sees to the end.
    if (!(error instanceof EmbeddedError && error.code === 'LOCK_TIMEOUT')) throw error;
    participation.leave();
  }
}

function urlOf({ port }: Postmaster, password: string, role: string, database: string): string {
  return `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
}

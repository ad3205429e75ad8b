/**
 * The running server: found by `postmaster.pid` (the server's own record: pid on line 1,
 * port on line 4, `ready` on line 8), started detached so that it outlives whoever
 * started it, stopped by signal. Listens on 127.0.0.1 only, without a unix socket, whose
 * path would have a length limit and need a folder that all users may enter.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MILLISECOND, SECOND } from '../../config/duration.ts';
import { programPath } from './binaries.ts';
import { serverEnvironment } from './cluster.ts';
import { EmbeddedError } from './errors.ts';
import type { Places } from './places.ts';
import { isAlive, worksIn } from './process-identity.ts';

export interface Postmaster {
  pid: number;
  port: number;
}

const POLL_MS = 20 * MILLISECOND;
/** A start is 0.3 s; after a crash the server replays up to `max_wal_size` first. */
const READY_MS_MAX = 45 * SECOND;
/** A port can be taken between the look and the start, and a killed server's children linger. */
const START_ATTEMPTS_MAX = 5;
const PASSING_TROUBLE = /could not (bind|create any TCP)|shared memory block|lock file/;
/** Together under the 4 s in which server and database must have ended. */
const FAST_STOP_MS_MAX = 2.5 * SECOND;
const IMMEDIATE_STOP_MS_MAX = 0.7 * SECOND;
/** The log begins anew beyond this size. */
const LOG_BYTES_MAX = 5 * 1024 * 1024;
/** How much of the log an error quotes. */
const LOG_LINES_QUOTED = 8;

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // 20 per process, several processes, scripts and a person's psql.
  max_connections: '100',
  max_wal_size: '256MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off', // short queries: compiling them costs more than running them
  logging_collector: 'off',
};

/** The server that runs on the folder, when it is ready for connections. */
export async function findPostmaster(places: Places): Promise<Postmaster | undefined> {
  const record = await readRecord(places);
  return record?.alive && record.ready ? record : undefined;
}

/**
 * Like findPostmaster, but a server that is still starting or stopping is let finish, and
 * the record of one that is gone is removed: left alone, the next server would refuse to
 * start when the number belongs to another program by now.
 */
export async function settlePostmaster(places: Places): Promise<Postmaster | undefined> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const record = await readRecord(places);
    if (!record) return undefined;
    if (!record.alive) {
      await rm(recordFile(places), { force: true });
      return undefined;
    }
    if (record.ready) return record;
    if (performance.now() > deadline) {
      throw new EmbeddedError(
        'START_FAILED',
        `The embedded PostgreSQL (process ${record.pid}) neither gets ready nor ends.`,
      );
    }
    await delay(POLL_MS);
  }
}

async function readRecord(places: Places) {
  const text = await readFile(recordFile(places), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return {
    pid,
    port: Number(lines[3]),
    ready: lines[7]?.trim() === 'ready',
    alive: isAlive(pid) && worksIn(pid, places.data),
  };
}

function recordFile(places: Places): string {
  return path.join(places.data, 'postmaster.pid');
}

export async function startPostmaster(
  places: Places,
  options: { settings?: Record<string, string> },
): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    const quote = await tryStart(places, options.settings ?? {});
    if (typeof quote !== 'string') return quote;
    if (attempt === START_ATTEMPTS_MAX || !PASSING_TROUBLE.test(quote)) {
      throw new EmbeddedError('START_FAILED', `The embedded PostgreSQL did not start: ${quote}`);
    }
    await delay(attempt * 10 * POLL_MS);
  }
}

/** The server, or the end of its log when it ended instead. */
async function tryStart(
  places: Places,
  settings: Record<string, string>,
): Promise<Postmaster | string> {
  const logFile = path.join(places.control, 'postgres.log');
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0;
  const log = await open(logFile, size > LOG_BYTES_MAX ? 'w' : 'a', 0o600);
  const port = await freePort();
  const flags = Object.entries({ ...SETTINGS, ...settings, port: String(port) });
  let child: ChildProcess;
  try {
    child = spawn(
      programPath(places.binaries, 'postgres'),
      ['-D', places.data, ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        ...places.user.ids,
        cwd: places.data,
        env: serverEnvironment(),
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      },
    );
  } finally {
    await log.close();
  }
  child.unref();
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended ??= `exit ${code ?? signal}`));

  const deadline = performance.now() + READY_MS_MAX;
  while (ended === undefined) {
    const postmaster = await findPostmaster(places);
    if (postmaster && postmaster.pid === child.pid) return postmaster;
    if (performance.now() > deadline) child.kill('SIGQUIT');
    await delay(POLL_MS);
  }
  return `${ended}; ${await endOfLog(logFile)}`;
}

/** True when it has ended. Fast shutdown; when a checkpoint takes too long, the next start replays. */
export async function stopPostmaster(places: Places, postmaster: Postmaster): Promise<boolean> {
  return (
    (await end(places, postmaster, 'SIGINT', FAST_STOP_MS_MAX)) ||
    (await end(places, postmaster, 'SIGQUIT', IMMEDIATE_STOP_MS_MAX))
  );
}

async function end(
  places: Places,
  { pid }: Postmaster,
  signal: 'SIGINT' | 'SIGQUIT',
  waitMsMax: number,
): Promise<boolean> {
  if (process.platform === 'win32') {
    const mode = signal === 'SIGINT' ? 'fast' : 'immediate';
    spawn(programPath(places.binaries, 'pg_ctl'), ['stop', '-D', places.data, '-m', mode, '-W']);
  } else {
    signalPostmaster(pid, signal);
  }
  const deadline = performance.now() + waitMsMax;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

export function signalPostmaster(pid: number, signal: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function endOfLog(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-LOG_LINES_QUOTED).join(' | ');
}

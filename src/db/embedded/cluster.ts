/**
 * The database cluster on disk: made once by initdb, under a name of its own that is
 * renamed when complete, so that an interrupted first start leaves nothing half-made.
 * Text is UTF-8, sorted by code point like locale C but with Unicode's upper and lower
 * case, the same on every machine; times are UTC.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { programPath } from './binaries.ts';
import { EmbeddedError } from './errors.ts';
import type { Places } from './places.ts';

const run = promisify(execFile);

export const SUPERUSER = 'postgres';

const INITDB_FLAGS = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--auth=scram-sha-256',
  '--no-instructions',
  `--username=${SUPERUSER}`,
];

/** The password of the server's roles; makes the cluster when there is none. */
export async function openCluster(
  places: Places,
  options: { log: (line: string) => void },
): Promise<string> {
  const passwordFile = path.join(places.control, 'postgres-password');
  const password = await readFile(passwordFile, 'utf8').catch(() => undefined);
  const version = await readVersion(places.data);
  if (version === undefined) {
    options.log('Making the embedded database (first start) …');
    return makeCluster(places, passwordFile);
  }
  if (password === undefined) {
    throw new EmbeddedError(
      'NOT_ACCESSIBLE',
      `The embedded database in ${places.data} exists but its password file ${passwordFile} cannot be read by this user. Restore the file, or remove ${places.data} to begin with an empty database.`,
    );
  }
  return password;
}

/** The folder may be another user's and closed: then it is there, of unknown version. */
async function readVersion(data: string): Promise<string | undefined> {
  return readFile(path.join(data, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : 'unknown'),
  );
}

async function makeCluster(places: Places, passwordFile: string): Promise<string> {
  await refuseForeignFiles(places.data);
  const password = randomBytes(24).toString('base64url');
  const part = `${places.data}.part`;
  // Inside the new cluster's folder's parent only root may write, so the server's user
  // is given a folder of his own; initdb accepts an empty one.
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o700 });
  const initialPassword = `${part}.password`;
  await writeFile(initialPassword, password, { mode: 0o600 });
  if (places.user.ids) {
    await chown(part, places.user.ids.uid, places.user.ids.gid);
    await chown(initialPassword, places.user.ids.uid, places.user.ids.gid);
  }
  try {
    await run(
      programPath(places.binaries, 'initdb'),
      [`--pgdata=${part}`, `--pwfile=${initialPassword}`, ...INITDB_FLAGS],
      { ...places.user.ids, cwd: part, env: serverEnvironment() },
    );
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new EmbeddedError(
      'START_FAILED',
      `The embedded database could not be made: ${stderr.trim() || String(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(initialPassword, { force: true });
  }
  await writeFile(passwordFile, password, { mode: 0o600 });
  await rename(part, places.data);
  return password;
}

/** A complete cluster comes by renaming, so a folder without one holds somebody's other files. */
async function refuseForeignFiles(data: string): Promise<void> {
  try {
    await rmdir(data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new EmbeddedError(
      'NOT_ACCESSIBLE',
      `${data} is in the way of the embedded database and is none: move it, or set DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

/**
 * Nothing of this process's own environment: PGDATA, PGPORT, PGOPTIONS, TZ or a foreign
 * locale would change what the server is. Windows programs don't start without theirs.
 */
export function serverEnvironment(): Record<string, string> | undefined {
  if (process.platform === 'win32') return undefined;
  return { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };
}

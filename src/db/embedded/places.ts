/**
 * Where things lie. `control` (lock, participants, password, log) is always the data
 * folder of the settings, which only this process's own user needs to enter. The
 * server's files are below it too, unless root runs the server as another user who may
 * not enter there (root's home is 0700): then they go to a reachable folder and
 * `.data/postgres` is a symbolic link to it. The link, not a name computed from the
 * path, is the record: it persists, it shows in `ls -l`, and whoever deletes `.data`
 * or clones the project anew in the same place gets an empty database, as expected.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  type Binaries,
  copiedFolder,
  copyBinaries,
  findBinaries,
  whyNotRunnable,
} from './binaries.ts';
import { EmbeddedError, USE_A_REAL_SERVER } from './errors.ts';
import { findServerUser, type ServerUser } from './server-user.ts';

const run = promisify(execFile);

export interface Places {
  control: string;
  data: string;
  binaries: string;
  user: ServerUser;
  /** A line for the person who starts it, when things lie elsewhere than expected. */
  notice: string | undefined;
}

/**
 * `/var/lib` is where the system keeps what a service must find again after a restart;
 * the temporary folder, which a restart may empty, serves only where that is read-only.
 */
const REACHABLE_FOLDERS = ['/var/lib/greenroom', path.join(tmpdir(), 'greenroom')];

/** @param control absolute and without symbolic links: one server must have one name */
export async function findPlaces(control: string): Promise<Places> {
  const inside = path.join(control, 'postgres');
  const user = await findServerUser(inside);
  const found = await findBinaries();
  const binaries = await reachableBinaries(found, user);
  const data = (await recordedData(inside)) ?? (await reachableData(control, inside, user));
  const elsewhere = [
    ...(data === inside ? [] : [`its data is in ${data}`]),
    ...(binaries === found.folder ? [] : [`its programs are in ${binaries}`]),
  ];
  const closed = data === inside ? found.folder : path.dirname(control);
  const notice =
    elsewhere.length === 0
      ? undefined
      : `The database runs as the user "${user.name}", who may not enter ${closed}: ${elsewhere.join(', ')}`;
  return { control, data, binaries, user, notice };
}

/** A link whose target was removed is forgotten: that too was a way to ask for an empty database. */
async function recordedData(inside: string): Promise<string | undefined> {
  const data = await readlink(inside).catch(() => undefined);
  if (data === undefined || (await stat(data).catch(() => undefined))) return data;
  await rm(inside);
  return undefined;
}

async function reachableData(control: string, inside: string, user: ServerUser): Promise<string> {
  if (!user.ids || (await canEnter(control, user))) return inside;
  const parent = await reachableFolder(user);
  const project = path.basename(path.dirname(control)).replaceAll(/[^\w.-]/g, '_');
  const folder = path.join(parent, `${project}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { mode: 0o755 });
  await chmod(folder, 0o755);
  const data = path.join(folder, 'postgres');
  // Data from before the way to it was closed moves along.
  if (await stat(inside).catch(() => undefined)) await rename(inside, data);
  await symlink(data, inside);
  return data;
}

async function reachableBinaries(found: Binaries, user: ServerUser): Promise<string> {
  const why = await whyNotRunnable(found.folder, user);
  if (why === undefined) return found.folder;
  if (user.ids) {
    const parent = await reachableFolder(user);
    const earlier = copiedFolder(found, parent);
    if ((await whyNotRunnable(earlier, user)) === undefined) return earlier;
    const copied = await copyBinaries(found, parent);
    if ((await whyNotRunnable(copied, user)) === undefined) return copied;
  }
  throw new EmbeddedError(
    'UNSUPPORTED',
    `The embedded PostgreSQL does not run on this machine (${why}). ${USE_A_REAL_SERVER}`,
  );
}

async function reachableFolder(user: ServerUser): Promise<string> {
  for (const folder of REACHABLE_FOLDERS) {
    const made = await mkdir(folder, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false,
    );
    // In the temporary folder anyone might have made it first.
    if (!made || (await stat(folder)).uid !== 0) continue;
    await chmod(folder, 0o755);
    if (await canEnter(folder, user)) return folder;
  }
  throw new EmbeddedError(
    'NOT_ACCESSIBLE',
    `The user "${user.name}", who runs the database for root, can enter neither the project's folder nor ${REACHABLE_FOLDERS.join(' nor ')}. ${USE_A_REAL_SERVER}`,
  );
}

/** Asks the system instead of adding up modes: access lists and mounts have a say too. */
async function canEnter(folder: string, user: ServerUser): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...user.ids, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

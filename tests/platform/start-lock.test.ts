/** The lock under which a server is started, joined and left. */
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { processStart } from '../../src/db/embedded/process-identity.ts';
import { withStartLock } from '../../src/db/embedded/start-lock.ts';
import { temporaryFolder } from './folder.ts';

/** Above any pid that Linux gives out. */
const DEAD_PID = 2 ** 30;

it('lets one in at a time, also when all find the lock of a dead process', async () => {
  await using folder = await temporaryFolder();
  await writeFile(path.join(folder.path, 'start.lock'), `${DEAD_PID} 1 left-behind`);
  let inside = 0;
  let most = 0;
  let entered = 0;
  await Promise.all(
    Array.from({ length: 20 }, () =>
      withStartLock(folder.path, async () => {
        inside += 1;
        entered += 1;
        most = Math.max(most, inside);
        await new Promise(setImmediate);
        inside -= 1;
      }),
    ),
  );
  expect([entered, most]).toEqual([20, 1]);
  expect(await readdir(folder.path)).toEqual([]);
});

it('does not take the lock of a living process, and names it when the wait is over', async () => {
  await using folder = await temporaryFolder();
  const start = processStart(process.pid);
  await writeFile(path.join(folder.path, 'start.lock'), `${process.pid} ${start} held`);
  const waiting = withStartLock(folder.path, () => Promise.resolve(), { waitMsMax: 50 });
  await expect(waiting).rejects.toMatchObject({
    code: 'LOCK_TIMEOUT',
    message: expect.stringContaining(`Process ${process.pid}`),
  });
});

it.runIf(process.platform === 'linux')(
  'takes the lock of a process whose number another one has now',
  async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, 'start.lock'), `${process.pid} 1 before-the-restart`);
    expect(await withStartLock(folder.path, () => Promise.resolve('in'))).toBe('in');
  },
);

it('is free again after a failure inside', async () => {
  await using folder = await temporaryFolder();
  const failing = withStartLock(folder.path, () => Promise.reject(new Error('inside')));
  await expect(failing).rejects.toThrow('inside');
  expect(await withStartLock(folder.path, () => Promise.resolve('in'))).toBe('in');
});

/**
 * Who runs the server and where its files go: only root can try this, since it takes
 * starting processes as somebody else.
 */
import { chmod, lstat, mkdir, readlink, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyBinaries, findBinaries, whyNotRunnable } from '../../src/db/embedded/binaries.ts';
import { findServerUser } from '../../src/db/embedded/server-user.ts';
import { postmasterPid, startProcess } from './embedded-process.ts';
import { temporaryFolder } from './folder.ts';

const isRoot = process.getuid?.() === 0;
/** `nobody` by number: exists without an entry in any list. */
const NOBODY = { uid: 65_534, gid: 65_534 };

describe.runIf(isRoot)('started by root', () => {
  it('the server runs as another user, who owns the data', async () => {
    await using folder = await temporaryFolder();
    await using app = await startProcess(folder.path);
    const { uid } = await stat(path.join(folder.path, 'postgres'));
    expect(uid).not.toBe(0);
    expect((await stat(`/proc/${await postmasterPid(folder.path)}`)).uid).toBe(uid);
    // In a project that this user may not enter, another line says where the programs are.
    expect(app.ready.lines.at(-1)).toBe('Making the embedded database (first start) …');
    expect(app.ready.lines.join()).not.toContain('its data is in');
  });

  it('below a folder that this user may not enter, data goes to a reachable one, is found again, and the start says where', async () => {
    await using folder = await temporaryFolder(0o700);
    const dataDir = path.join(folder.path, 'project/.data');
    const first = await startProcess(dataDir);
    const link = path.join(dataDir, 'postgres');
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    const data = await readlink(link);
    try {
      expect(first.ready.lines.join('\n')).toContain(data);
      await first.end('SIGTERM');
      const second = await startProcess(dataDir);
      expect(second.ready.lines.join('\n')).toContain(data);
      expect(second.ready.lines.join('\n')).not.toContain('first start');
      await second.end('SIGTERM');
    } finally {
      await first.end('SIGTERM');
      await rm(path.dirname(data), { recursive: true });
    }
  });

  it("with data of a normal user's start, the server runs as that user", async (context) => {
    const { folder: binaries } = await findBinaries();
    const nobody = { name: 'nobody', ids: NOBODY };
    if (await whyNotRunnable(binaries, nobody))
      context.skip('the project is closed to other users');
    await using folder = await temporaryFolder(0o777);
    const dataDir = path.join(folder.path, '.data');
    const normal = await startProcess(dataDir, NOBODY);
    expect(normal.ready.owned).toBe(true);
    await normal.end('SIGTERM');
    await using root = await startProcess(dataDir);
    expect(root.ready.owned).toBe(true);
    expect((await stat(`/proc/${await postmasterPid(dataDir)}`)).uid).toBe(NOBODY.uid);
  });

  it('in a data folder of root, a normal user is told so in one line', async (context) => {
    const { folder: binaries } = await findBinaries();
    if (await whyNotRunnable(binaries, { name: 'nobody', ids: NOBODY })) {
      context.skip('the project is closed to other users');
    }
    await using folder = await temporaryFolder();
    await expect(startProcess(folder.path, NOBODY)).rejects.toThrow(/NOT_ACCESSIBLE/);
  });

  it('programs that its user may not read are copied to where he may, whatever the umask was', async () => {
    await using folder = await temporaryFolder();
    const user = await findServerUser(path.join(folder.path, 'postgres'));
    const closed = path.join(folder.path, 'closed');
    await mkdir(closed);
    const before = process.umask(0o077);
    try {
      const original = await findBinaries();
      const inside = await copyBinaries(original, closed);
      await chmod(closed, 0o700);
      expect(await whyNotRunnable(inside, user)).toBeDefined();
      const open = path.join(folder.path, 'open');
      await mkdir(open);
      await chmod(open, 0o755);
      const reachable = await copyBinaries({ folder: inside, version: original.version }, open);
      expect(await whyNotRunnable(reachable, user)).toBeUndefined();
    } finally {
      process.umask(before);
    }
  });
});

/** A folder that is gone when the test ends: below the system's temporary one, passable for all. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryFolder(mode = 0o711): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'greenroom-platform-'));
  await chmod(folder, mode);
  return {
    path: folder,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

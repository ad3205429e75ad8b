/**
 * The secret that signs session cookies. On the embedded default it is made once and kept beside
 * the data, so that a restart signs nobody out; the file is readable by its owner only.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const SECRET_BYTES = 32;

export async function keptSecret(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'auth-secret');
  await mkdir(dataDir, { recursive: true });
  const kept = await readKept(file);
  if (kept !== undefined) return kept;
  // Written aside and then linked: of processes that start together one wins, and nobody reads
  // a file that is still empty.
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, randomBytes(SECRET_BYTES).toString('base64url'), { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const secret = await readKept(file);
  if (secret === undefined) throw new Error(`${file} vanished while it was being made`);
  return secret;
}

async function readKept(file: string): Promise<string | undefined> {
  let secret: string;
  try {
    secret = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (secret.length < SECRET_BYTES) {
    throw new Error(`${file} holds no usable secret: delete it to have a new one made`);
  }
  return secret;
}

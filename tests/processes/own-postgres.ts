/**
 * The PostgreSQL of a run, in a temporary folder: started, restarted (also as if it had crashed) and
 * removed again. Its port changes with each start, so processes reach it through their links.
 */
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { startEmbedded, type EmbeddedServer } from '../../src/db/embedded.ts';
import type { Guard } from './guard.ts';

export interface OwnPostgres extends AsyncDisposable {
  port(): number;
  /** For the application, as seen behind a link. */
  urlBehind(port: number): string;
  /** A connection pool straight to it, for writes behind the API's back. A new one after a restart. */
  sql(): postgres.Sql;
  /** `fast` ends transactions and leaves in order; `immediate` is a crash of the server. */
  stop(how: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
}

const SETTINGS = {
  // A crash of the server, which is what happens here, loses no commit without it.
  fsync: 'off',
  // To measure how long after its commit a write is seen.
  track_commit_timestamp: 'on',
  // Four processes, their predecessors' last connections, and the harness.
  max_connections: '300',
};
/** After a crash it replays its log first, on a busy machine. */
const END_MS_MAX = 10_000;

export async function startOwnPostgres(guard: Guard): Promise<OwnPostgres> {
  const folder = await mkdtemp(path.join(tmpdir(), 'greenroom-processes-'));
  // Started by root, the server runs as another user, who must be able to pass through.
  await chmod(folder, 0o711);
  const removeOnExit = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', removeOnExit);
  let server: EmbeddedServer | undefined;
  let pid: number | undefined;
  let sql: postgres.Sql | undefined;

  async function start(): Promise<void> {
    server = await startEmbedded({ dataDir: folder, log: () => undefined, settings: SETTINGS });
    const admin = postgres(server.adminUrl, { max: 1, onnotice: () => undefined });
    try {
      const [row] = await admin<{ data_directory: string }[]>`show data_directory`;
      const record = await readFile(path.join(row!.data_directory, 'postmaster.pid'), 'utf8');
      pid = Number(record.split('\n', 1)[0]);
    } finally {
      await admin.end();
    }
    guard.watch(pid);
    sql = postgres(server.url, { max: 6, onnotice: () => undefined, connect_timeout: 5 });
  }

  async function stop(how: 'fast' | 'immediate'): Promise<void> {
    if (server === undefined || pid === undefined) return;
    void sql?.end({ timeout: 0 }).catch(() => undefined);
    if (how === 'immediate') {
      process.kill(pid, 'SIGQUIT');
      await ended(pid);
    }
    await server.stop();
    guard.forget(pid);
    pid = undefined;
  }

  await start();
  return {
    port: () => Number(new URL(server!.url).port),
    urlBehind(port) {
      const url = new URL(server!.url);
      url.port = String(port);
      return url.href;
    },
    sql: () => sql!,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop('fast');
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      process.off('exit', removeOnExit);
    },
  };
}

async function ended(pid: number): Promise<void> {
  const giveUpAt = performance.now() + END_MS_MAX;
  while (performance.now() < giveUpAt) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * The two Redis servers of a run: one that is in use, and one to fail over to or to be led astray
 * to. Neither is relied on for anything, so that everything may be done to them.
 */
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { startRedis, type TestRedis } from '../fixtures/redis.ts';
import type { Guard } from './guard.ts';

export interface OwnRedis extends AsyncDisposable {
  current(): TestRedis;
  other(): TestRedis;
  /** From now on the other one is in use. Moves nobody. */
  swap(): void;
  stop(server: TestRedis): Promise<void>;
  start(server: TestRedis): Promise<void>;
}

const PROGRAMS = ['redis-server', 'valkey-server'];

export async function findRedisProgram(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  for (const program of PROGRAMS.flatMap((name) =>
    folders.map((folder) => path.join(folder, name)),
  )) {
    const found = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return program;
  }
  return undefined;
}

export async function startOwnRedis(program: string, guard: Guard): Promise<OwnRedis> {
  await using parts = new AsyncDisposableStack();
  const pids = new Map<TestRedis, number>();
  async function watch(server: TestRedis): Promise<void> {
    const info = String(await server.command('INFO', 'server'));
    const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
    pids.set(server, pid);
    guard.watch(pid);
  }
  async function stop(server: TestRedis): Promise<void> {
    await server.stop();
    guard.forget(pids.get(server));
  }
  const servers: TestRedis[] = [];
  for (let index = 0; index < 2; index += 1) {
    const server = await startRedis(program, { 'repl-diskless-sync-delay': '0' });
    parts.defer(async () => {
      await server[Symbol.asyncDispose]();
      guard.forget(pids.get(server));
    });
    await watch(server);
    servers.push(server);
  }
  let inUse = 0;
  const owned = parts.move();
  return {
    current: () => servers[inUse]!,
    other: () => servers[1 - inUse]!,
    swap: () => void (inUse = 1 - inUse),
    stop,
    async start(server) {
      await server.start();
      await watch(server);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

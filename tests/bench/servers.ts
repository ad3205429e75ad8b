/** The servers of a benchmark, its own: PostgreSQL and Redis in temporary folders, ended with it. */
import { rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { databaseUrl, withAdmin } from '../fixtures/test-server.ts';
import { findRedisProgram } from '../processes/own-redis.ts';
import {
  createClusterWorld,
  createPostgresWorld,
  createRedisWorld,
  type RedisWorld,
  type World,
} from './races/world.ts';

/** As a deployment's, but for what only a power cut would need: that a disk is fast is no claim. */
const SETTINGS = { fsync: 'off', max_connections: '400' };

export interface Servers {
  /** A migrated database and a Redis, both new. */
  createWorld(): Promise<RedisWorld>;
  /** A migrated database and a Redis Cluster of three masters, all new. */
  createClusterWorld(): Promise<World>;
  /** A migrated database, new, and no Redis. */
  createPostgresWorld(): Promise<World>;
}

export async function withServers<T>(use: (servers: Servers) => Promise<T>): Promise<T> {
  const redisProgram = await findRedisProgram();
  if (redisProgram === undefined) {
    throw new Error('redis-server is not installed: apt-get install -y redis-server');
  }
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'greenroom-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  parts.defer(remove);
  // Started by root, the server runs as another user, who must be able to pass through.
  await chmod(folder, 0o711);
  const log = (): void => undefined;
  const server = await startEmbedded({ dataDir: folder, log, settings: SETTINGS });
  // After the server's own, which needs the folder to end it.
  process.once('exit', remove);
  parts.defer(async () => {
    process.off('exit', remove);
    await server.stop();
  });
  // Nobody connects to it afterwards, so that it can be copied.
  await migrate(server.url);
  const template = new URL(server.url).pathname.slice(1);
  let databases = 0;
  async function createDatabase(): Promise<string> {
    databases += 1;
    const name = `bench_${databases}`;
    await withAdmin(server.adminUrl, (admin) =>
      admin.unsafe(`create database ${name} template ${template} owner greenroom`),
    );
    return databaseUrl(server.url, name);
  }
  return await use({
    createWorld: async () =>
      createRedisWorld({ databaseUrl: await createDatabase(), redisProgram }),
    createClusterWorld: async () =>
      createClusterWorld({ databaseUrl: await createDatabase(), redisProgram }),
    createPostgresWorld: async () => createPostgresWorld({ databaseUrl: await createDatabase() }),
  });
}

/**
 * What the races happen in: a PostgreSQL database, what processes share (one Redis, a Redis Cluster of
 * three masters, or PostgreSQL itself), and ways to it that can be broken: for the store and for
 * messages.
 */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { startLink, type Link } from '../../fixtures/link.ts';
import { startLinkedCluster, startRedis, type TestRedis } from '../../fixtures/redis.ts';
import { startGuard } from '../../processes/guard.ts';
import { shareByPostgresApart, shareByRedis, type Sharing } from '../../topology/sharing.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface World extends AsyncDisposable {
  readonly databaseUrl: string;
  readonly leaseMs: number;
  /** What a process of ours shares with the others, over the links. */
  readonly share: Sharing;
  /** To the shared store and to what carries messages; one server may do both on the same. */
  readonly links: readonly Link[];
  readonly busLinks: readonly Link[];
  /** Who listens for messages now hears nothing more, and is not told. */
  loseMessages(): void;
  /** Commits new projects, each with the name `0`, and returns their ids. */
  addProjects(count: number): Promise<string[]>;
  /** Commits a new name and tells no cache. */
  commit(key: string, name: string): Promise<void>;
  /** Of what is shared: forgets all of it. */
  flush(): Promise<void>;
}

export interface RedisWorld extends World {
  readonly redis: Address;
  readonly bus: Address;
  /** The server itself: what passes a link costs this process as much again. */
  readonly server: Address;
  /** How many commands Redis has got, without those that keep connections or count commands. */
  commandCount(): Promise<number>;
}

export interface WorldOptions {
  /** Migrated. */
  readonly databaseUrl: string;
  /** Default 2 s, the default of a deployment. */
  readonly leaseMs?: number;
}

export interface RedisWorldOptions extends WorldOptions {
  readonly redisProgram: string;
}

const LEASE_MS = 2_000;
const UPKEEP = new Set(['info', 'ping', 'hello', 'client', 'command', 'auth', 'select']);

export async function createRedisWorld(options: RedisWorldOptions): Promise<RedisWorld> {
  await using parts = new AsyncDisposableStack();
  const server = parts.use(await startRedis(options.redisProgram));
  await endWithThisProcess([server], parts);
  const redisLink = parts.use(await startLink(server.port));
  const busLink = parts.use(await startLink(server.port));
  const database = await useDatabase(options, parts);
  const owned = parts.move();
  return {
    ...database,
    share: shareByRedis(urlOf(redisLink.port), { busUrl: urlOf(busLink.port) }),
    links: [redisLink, busLink],
    busLinks: [busLink],
    loseMessages: () => loseSubscribers([busLink]),
    redis: { host: '127.0.0.1', port: redisLink.port },
    bus: { host: '127.0.0.1', port: busLink.port },
    server: { host: '127.0.0.1', port: server.port },
    async flush() {
      await server.command('FLUSHALL');
    },
    async commandCount() {
      const stats = String(await server.command('INFO', 'commandstats'));
      const counts = stats.matchAll(/^cmdstat_(\w+).*?:calls=(\d+)/gm);
      return Array.from(counts).reduce(
        (sum, [, name, calls]) => sum + (UPKEEP.has(name!) ? 0 : Number(calls)),
        0,
      );
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export async function createClusterWorld(options: RedisWorldOptions): Promise<World> {
  await using parts = new AsyncDisposableStack();
  const { nodes, links, url } = parts.use(await startLinkedCluster(options.redisProgram));
  await endWithThisProcess(nodes, parts);
  const database = await useDatabase(options, parts);
  const owned = parts.move();
  return {
    ...database,
    share: shareByRedis(url),
    links,
    busLinks: links,
    loseMessages: () => loseSubscribers(links),
    async flush() {
      await Promise.all(nodes.map((node) => node.command('FLUSHALL')));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Without Redis. Who writes keeps its own way to the database, or there were no writes to judge. */
export async function createPostgresWorld(options: WorldOptions): Promise<World> {
  await using parts = new AsyncDisposableStack();
  const { port } = new URL(options.databaseUrl);
  const storeLink = parts.use(await startLink(Number(port || 5432)));
  const busLink = parts.use(await startLink(Number(port || 5432)));
  const behind = (link: Link): string => {
    const url = new URL(options.databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String(link.port);
    return url.href;
  };
  const { sql, ...database } = await useDatabase(options, parts);
  const owned = parts.move();
  return {
    ...database,
    share: shareByPostgresApart({ store: behind(storeLink), bus: behind(busLink) }),
    links: [storeLink, busLink],
    busLinks: [busLink],
    loseMessages: () => busLink.abandon('listen'),
    async flush() {
      await sql`TRUNCATE cache_entries, cache_claims`;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function useDatabase({ databaseUrl, leaseMs }: WorldOptions, parts: AsyncDisposableStack) {
  const sql = postgres(databaseUrl, { max: 5, onnotice: () => undefined });
  parts.defer(() => sql.end({ timeout: 1 }));
  const email = `${randomUUID()}@example.com`;
  const [owner] = await sql<{ id: string }[]>`
    INSERT INTO users (name, email, username) VALUES ('owner', ${email}, ${email}) RETURNING id`;
  return {
    sql,
    databaseUrl,
    leaseMs: leaseMs ?? LEASE_MS,
    async addProjects(count: number): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        INSERT INTO projects (name, owner_id)
        SELECT '0', ${owner!.id} FROM generate_series(1, ${count}) RETURNING id`;
      return rows.map(({ id }) => id);
    },
    async commit(key: string, name: string): Promise<void> {
      await sql`UPDATE projects SET name = ${name} WHERE id = ${key}`;
    },
  };
}

/** Servers of a benchmark that is killed end too. */
async function endWithThisProcess(
  servers: readonly TestRedis[],
  parts: AsyncDisposableStack,
): Promise<void> {
  const guard = startGuard();
  parts.defer(() => guard.close());
  for (const server of servers) {
    const info = String(await server.command('INFO', 'server'));
    const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
    guard.watch(pid);
    parts.defer(() => guard.forget(pid));
  }
}

function loseSubscribers(links: readonly Link[]): void {
  for (const link of links) {
    link.abandon('subscribe');
    link.abandon('SUBSCRIBE');
  }
}

function urlOf(port: number): string {
  return `redis://127.0.0.1:${port}`;
}

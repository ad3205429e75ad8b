/**
 * What the races happen in: a PostgreSQL database, a Redis of their own, and two ways to it that can
 * be broken: one for commands and one for messages.
 */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { startLink, type Link } from '../../fixtures/link.ts';
import { startRedis } from '../../fixtures/redis.ts';
import { startGuard } from '../../processes/guard.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface World extends AsyncDisposable {
  readonly databaseUrl: string;
  readonly leaseMs: number;
  readonly redis: Address;
  readonly bus: Address;
  /** The server itself: what passes a link costs this process as much again. */
  readonly server: Address;
  readonly redisLink: Link;
  readonly busLink: Link;
  /** Commits new projects, each with the name `0`, and returns their ids. */
  addProjects(count: number): Promise<string[]>;
  /** Commits a new name and tells no cache. */
  commit(key: string, name: string): Promise<void>;
  /** Of all Redis keys: forgets them. */
  flush(): Promise<void>;
  /** How many commands Redis has got, without those that keep connections or count commands. */
  commandCount(): Promise<number>;
}

export interface WorldOptions {
  /** Migrated. */
  readonly databaseUrl: string;
  readonly redisProgram: string;
  /** Default 2 s, the default of a deployment. */
  readonly leaseMs?: number;
}

const LEASE_MS = 2_000;
const UPKEEP = new Set(['info', 'ping', 'hello', 'client', 'command', 'auth', 'select']);

export async function createWorld(options: WorldOptions): Promise<World> {
  await using parts = new AsyncDisposableStack();
  const guard = startGuard();
  parts.defer(() => guard.close());
  const server = parts.use(await startRedis(options.redisProgram));
  const pid = Number(/process_id:(\d+)/.exec(String(await server.command('INFO', 'server')))?.[1]);
  guard.watch(pid);
  parts.defer(() => guard.forget(pid));
  const redisLink = parts.use(await startLink(server.port));
  const busLink = parts.use(await startLink(server.port));
  const sql = postgres(options.databaseUrl, { max: 5, onnotice: () => undefined });
  parts.defer(() => sql.end({ timeout: 1 }));
  const email = `${randomUUID()}@example.com`;
  const [owner] = await sql<{ id: string }[]>`
    INSERT INTO users (name, email, username) VALUES ('owner', ${email}, ${email}) RETURNING id`;

  const owned = parts.move();
  return {
    databaseUrl: options.databaseUrl,
    leaseMs: options.leaseMs ?? LEASE_MS,
    redis: { host: '127.0.0.1', port: redisLink.port },
    bus: { host: '127.0.0.1', port: busLink.port },
    server: { host: '127.0.0.1', port: server.port },
    redisLink,
    busLink,
    async addProjects(count) {
      const rows = await sql<{ id: string }[]>`
        INSERT INTO projects (name, owner_id)
        SELECT '0', ${owner!.id} FROM generate_series(1, ${count}) RETURNING id`;
      return rows.map(({ id }) => id);
    },
    async commit(key, name) {
      await sql`UPDATE projects SET name = ${name} WHERE id = ${key}`;
    },
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

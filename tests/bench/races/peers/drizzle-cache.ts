/**
 * Drizzle's own cache interface over Redis, written as its page on custom caches says and as its
 * Upstash one works: `put` under the query's tag, the tables' keys in a set, `onMutate` deletes by
 * tag and table. Queries say `$withCache({ tag })`; after the commit `$cache.invalidate({ tags })`.
 * It caches the rows of queries, so there is no loader to hand over: it is held in `put`.
 */
import { loadPeer } from '../../peers/load.ts';
import type { Loading } from '../loading.ts';
import type { Peer } from '../peer.ts';
import { connectPeerRedis, type PeerRedis } from './ioredis-connection.ts';

interface Columns {
  readonly id: unknown;
  readonly name: unknown;
}
interface Query {
  from(table: Columns): {
    where(condition: unknown): { $withCache(options: object): Promise<unknown[]> };
  };
}
interface Drizzle {
  select(fields: object): Query;
  readonly $cache: { invalidate(options: { tags: string[] }): Promise<void> };
}
interface DriverPackage {
  drizzle(client: unknown, options: object): Drizzle;
}
interface PostgresPackage {
  default(url: string, options: object): { end(options: object): Promise<void> };
}
interface TablePackage {
  pgTable(name: string, columns: object): Columns;
  uuid(): { primaryKey(): unknown };
  text(): unknown;
}
interface OperatorPackage {
  eq(column: unknown, value: unknown): unknown;
}
interface CachePackage {
  readonly Cache: abstract new () => object;
}

const CONNECTIONS_MAX = 5;

export const drizzleCachePeer: Peer = {
  name: 'drizzle cache',
  async open({ redis, ttlMs, databaseUrl, loading }) {
    const { drizzle } = await loadPeer<DriverPackage>('drizzle-orm/postgres-js');
    const { default: postgres } = await loadPeer<PostgresPackage>('postgres');
    const { pgTable, uuid, text } = await loadPeer<TablePackage>('drizzle-orm/pg-core');
    const { eq } = await loadPeer<OperatorPackage>('drizzle-orm');
    const { Cache } = await loadPeer<CachePackage>('drizzle-orm/cache/core');
    const client = await connectPeerRedis(redis);
    const calls = cacheCalls(client, { ttlMs, loading });
    class RedisCache extends Cache {
      readonly strategy = calls.strategy;
      readonly get = calls.get;
      readonly put = calls.put;
      readonly onMutate = calls.onMutate;
    }
    const sql = postgres(databaseUrl, { max: CONNECTIONS_MAX });
    const db = drizzle(sql, { cache: new RedisCache() });
    const projects = pgTable('projects', { id: uuid().primaryKey(), name: text() });
    return {
      rowsOnly: true,
      async get<V>(key: string) {
        const { id, name } = projects;
        const query = db.select({ id, name }).from(projects).where(eq(id, key));
        const rows = await query.$withCache({ tag: key });
        return rows[0] as V;
      },
      invalidate: (key) => db.$cache.invalidate({ tags: [key] }),
      async ready() {
        await client.ping();
      },
      async close() {
        client.disconnect();
        await sql.end({ timeout: 1 });
      },
    };
  },
};

interface CallOptions {
  readonly ttlMs: number;
  readonly loading: Loading;
}

function cacheCalls(client: PeerRedis, { ttlMs, loading }: CallOptions) {
  return {
    strategy: () => 'explicit' as const,
    async get(key: string) {
      const stored = await client.get(key).catch(() => null);
      return stored === null ? undefined : (JSON.parse(stored) as unknown[]);
    },
    async put(key: string, rows: unknown, tables: string[]) {
      await loading.afterRead(key);
      try {
        await client.set(key, JSON.stringify(rows), 'PX', ttlMs);
        for (const table of tables) await client.sadd(`table:${table}`, key);
      } catch {
        // Not stored: the rows are answered all the same.
      }
    },
    async onMutate({ tags = [] }: { tags?: string | string[] }) {
      const keys = typeof tags === 'string' ? [tags] : tags;
      if (keys.length > 0) await client.del(...keys);
    },
  };
}

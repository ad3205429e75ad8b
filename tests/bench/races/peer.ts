/**
 * Makes a contender of a peer's adapter: an application that commits to the database and then
 * invalidates, as the peer's documentation says. Loads go to the same database by the same select.
 */
import { openDatabase } from '../../../src/db/client.ts';
import { createReader } from '../../../src/db/read.ts';
import type { Contender } from './contender.ts';
import type { Loading } from './loading.ts';
import type { Address, RedisWorld } from './world.ts';

export interface PeerOptions {
  readonly redis: Address;
  /** Where messages between instances go, if the peer has any. */
  readonly bus: Address;
  readonly ttlMs: number;
  readonly databaseUrl: string;
  readonly loading: Loading;
}

export interface PeerCache {
  get<V>(key: string, load: () => Promise<V>): Promise<V>;
  invalidate(key: string): Promise<void>;
  /** Rejects while it is not connected. */
  ready(): Promise<void>;
  close(): Promise<void>;
  /** It caches rows of a database, by a query of its own, and nothing else. */
  readonly rowsOnly?: boolean;
}

export interface Peer {
  readonly name: string;
  open(options: PeerOptions): Promise<PeerCache>;
}

export function contenderOf(
  peer: Peer,
  { world, ttlMs }: { world: RedisWorld; ttlMs: number },
): Contender {
  return {
    name: peer.name,
    world,
    async open({ loading, clockBehindMs }) {
      const url = world.databaseUrl;
      const database = openDatabase({ url, readConnectionsMax: 5, writeConnectionsMax: 1 });
      const { db } = await createReader(database.read);
      const { redis, bus, databaseUrl } = world;
      const cache = await peer.open({ redis, bus, ttlMs, databaseUrl, loading });
      return {
        read: (key) => cache.get(key, () => loading.load(db, key)),
        async write(key, name) {
          await world.commit(key, name);
          await withClockBehind(clockBehindMs, () => cache.invalidate(key));
        },
        readKinds: cache.rowsOnly === true ? undefined : (key, load) => cache.get(key, load),
        ready: () => cache.ready(),
        async close() {
          await cache.close();
          await database.close();
        },
      };
    },
  };
}

/** Peers take no clock: the process has another one while the call lasts. */
async function withClockBehind<T>(ms: number, call: () => Promise<T>): Promise<T> {
  if (ms === 0) return call();
  const { now } = Date;
  Date.now = () => now() - ms;
  try {
    return await call();
  } finally {
    Date.now = now;
  }
}

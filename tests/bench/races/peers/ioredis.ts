/**
 * Cache-aside by hand with ioredis 5: GET, else load and SET PX with JSON; DEL after the commit.
 * No memory of its own, and nothing that joins loads.
 */
import type { Peer } from '../peer.ts';
import { connectPeerRedis } from './ioredis-connection.ts';

export const ioredisPeer: Peer = {
  name: 'plain ioredis',
  async open({ redis, ttlMs }) {
    const client = await connectPeerRedis(redis);
    return {
      async get<V>(key: string, load: () => Promise<V>) {
        const stored = await client.get(key).catch(() => null);
        if (stored !== null) return JSON.parse(stored) as V;
        const value = await load();
        await client.set(key, JSON.stringify(value), 'PX', ttlMs).catch(() => undefined);
        return value;
      },
      async invalidate(key) {
        await client.del(key);
      },
      async ready() {
        await client.ping();
      },
      close: async () => client.disconnect(),
    };
  },
};

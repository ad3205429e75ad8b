/**
 * @epic-web/cachified with Redis as its cache, through an adapter written as its page says (get, set
 * for `totalTtl`, delete; JSON), and `cache.delete` after the commit. One cache, so no memory first.
 */
import { loadPeer } from '../../peers/load.ts';
import type { Peer } from '../peer.ts';
import { connectPeerRedis } from './ioredis-connection.ts';

interface Entry {
  readonly metadata: object;
}
interface Package {
  cachified<V>(options: {
    key: string;
    cache: object;
    ttl: number;
    getFreshValue: () => Promise<V>;
  }): Promise<V>;
  totalTtl(metadata: object): number;
}

export const cachifiedPeer: Peer = {
  name: 'cachified',
  async open({ redis, ttlMs }) {
    const { cachified, totalTtl } = await loadPeer<Package>('@epic-web/cachified');
    const client = await connectPeerRedis(redis);
    const cache = {
      name: 'redis',
      async get(key: string) {
        const stored = await client.get(key);
        return stored === null ? undefined : (JSON.parse(stored) as Entry);
      },
      async set(key: string, entry: Entry) {
        const ms = Math.min(totalTtl(entry.metadata), ttlMs);
        await client.set(key, JSON.stringify(entry), 'PX', ms);
      },
      async delete(key: string) {
        await client.del(key);
      },
    };
    return {
      get: (key, load) => cachified({ key, cache, ttl: ttlMs, getFreshValue: load }),
      invalidate: (key) => cache.delete(key),
      async ready() {
        await client.ping();
      },
      close: async () => client.disconnect(),
    };
  },
};

/**
 * @keyv/redis as cacheable's page on it advises (`createKeyvNonBlocking`): no offline queue, and
 * errors that do not throw. Reconnecting stays on, which that function turns off: a cache that never
 * comes back would be compared with nothing.
 */
import { loadPeer } from '../../peers/load.ts';
import type { Address } from '../world.ts';

interface Client {
  ping(): Promise<unknown>;
}
export interface KeyvRedisStore {
  readonly throwOnConnectError: boolean;
  getClient(): Promise<Client>;
}
export interface Keyv {
  on(event: 'error', listener: () => void): unknown;
  disconnect(): Promise<void>;
}
interface KeyvRedisPackage {
  readonly default: new (connect: object, options: object) => KeyvRedisStore;
}
interface KeyvPackage {
  readonly Keyv: new (options: object) => Keyv;
}

const RECONNECT_MS = 50;

export async function openKeyvRedis(
  address: Address,
): Promise<{ keyv: Keyv; ping(): Promise<void> }> {
  const { default: KeyvRedis } = await loadPeer<KeyvRedisPackage>('@keyv/redis');
  const { Keyv } = await loadPeer<KeyvPackage>('keyv');
  const store = new KeyvRedis(
    {
      url: `redis://${address.host}:${address.port}`,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: () => RECONNECT_MS },
    },
    { throwOnConnectError: false, throwOnErrors: false },
  );
  const keyv = new Keyv({ store, useKeyPrefix: false });
  keyv.on('error', () => undefined);
  return {
    keyv,
    async ping() {
      const client = await store.getClient();
      await client.ping();
    },
  };
}

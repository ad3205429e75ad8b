/**
 * An ioredis client of the version that the peers take, set to fail fast: a dead server is to cost
 * an error, not a queue. Every peer that is handed a client gets this one.
 */
import { loadPeer } from '../../peers/load.ts';
import type { Address } from '../world.ts';

export interface PeerRedis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, px: 'PX', ms: number): Promise<unknown>;
  del(...keys: string[]): Promise<unknown>;
  sadd(key: string, ...members: string[]): Promise<unknown>;
  smembers(key: string): Promise<string[]>;
  ping(): Promise<unknown>;
  on(event: 'error', listener: () => void): unknown;
  disconnect(): void;
}

interface Ioredis {
  readonly Redis: new (options: object) => PeerRedis;
}

const RECONNECT_MS = 50;
const COMMAND_MS_MAX = 1_000;

export async function connectPeerRedis(
  address: Address,
  options: { readonly offlineQueue?: boolean } = {},
): Promise<PeerRedis> {
  const { Redis } = await loadPeer<Ioredis>('ioredis');
  const client = new Redis({
    ...address,
    enableOfflineQueue: options.offlineQueue ?? false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_MS_MAX,
    retryStrategy: () => RECONNECT_MS,
  });
  // Without a listener each failed reconnection is printed.
  client.on('error', () => undefined);
  return client;
}

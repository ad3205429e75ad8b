/**
 * A shared store in one process, for members that live side by side (tests, a testing kit). Bounded
 * in bytes: the oldest entries go first, which is enough for what it is.
 */
import type { ByteStore } from './store.ts';

export interface LocalByteStoreOptions {
  /** Default 64 MiB. */
  readonly bytesMax?: number;
  /** Epoch milliseconds. Default: Date.now. */
  readonly now?: () => number;
}

interface Timed<V> {
  readonly value: V;
  readonly until: number;
}

const BYTES_MAX = 64 * 2 ** 20;

export function createLocalByteStore(options: LocalByteStoreOptions = {}): ByteStore {
  const { bytesMax = BYTES_MAX, now = Date.now } = options;
  const entries = new Map<string, Timed<Uint8Array>>();
  const claims = new Map<string, Timed<string>>();
  let bytes = 0;

  function remove(key: string): void {
    bytes -= entries.get(key)?.value.length ?? 0;
    entries.delete(key);
  }
  function alive<V>(timed: Timed<V> | undefined): V | undefined {
    return timed !== undefined && timed.until > now() ? timed.value : undefined;
  }

  return {
    get: async (key) => alive(entries.get(key)),
    getMany: async (keys) => keys.map((key) => alive(entries.get(key))),
    async set(key, value, ttlMs) {
      remove(key);
      if (value.length > bytesMax) return;
      // A copy, as a server would make.
      entries.set(key, { value: value.slice(), until: now() + ttlMs });
      bytes += value.length;
      for (const oldest of entries.keys()) {
        if (bytes <= bytesMax) break;
        remove(oldest);
      }
    },
    async claim(key, by, ttlMs) {
      const holder = alive(claims.get(key));
      if (holder !== undefined && holder !== by) return false;
      claims.set(key, { value: by, until: now() + ttlMs });
      return true;
    },
    async release(key, by) {
      if (claims.get(key)?.value === by) claims.delete(key);
    },
    describe: async () => ({ kind: 'memory', entries: entries.size, bytes, bytesMax }),
    close: async () => undefined,
  };
}

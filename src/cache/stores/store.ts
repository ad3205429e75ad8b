/**
 * The contract of a shared store (L2): it moves bytes, and knows nothing of what they mean. It is
 * passive: it may lose, keep or answer anything at any time, and whatever it does can only cause
 * misses, because a reader judges every entry by its provenance (docs/coherence.md).
 *
 * Every call ends within the store's own time-out, and rejects when the server is away; whether to
 * ask again is the breaker's question (breaker.ts). Times are milliseconds, sizes bytes.
 */
export interface ByteStore {
  /** Undefined: not there, or past its time. One round trip. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** In the order of the keys. All at once: one pipelined round per node. */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Unconditional; the last one stays. Gone by itself after `ttlMs`. */
  set(key: string, bytes: Uint8Array, ttlMs: number): Promise<void>;
  /**
   * True if `by` now is the one to load `key`: nobody was, or `by` already is, whose claim then
   * lasts from now. Ends by itself after `ttlMs`. A claim is a hint that spares a second load; nothing may depend on it.
   */
  claim(key: string, by: string, ttlMs: number): Promise<boolean>;
  /** Ends the claim if `by` holds it. */
  release(key: string, by: string): Promise<void>;
  /** For people: what it is, and what its server says about memory and policy. May reject. */
  describe(): Promise<StoreDescription>;
  /** Ends its connections, if they are its own. Calls under way may reject. */
  close(): Promise<void>;
}

export interface StoreDescription {
  readonly kind: 'memory' | 'redis' | 'redis-cluster' | 'postgres';
  readonly entries?: number;
  readonly bytes?: number;
  readonly bytesMax?: number;
  /** What the server does when it is full; undefined if it does not say. */
  readonly evictionPolicy?: string;
  readonly version?: string;
}

/**
 * The shared cache as the coherence machine sees it (StorePort): entries in, entries out. In
 * between, the codec makes bytes of them, and a byte store moves those. What cannot be decoded is
 * a miss, counted; what cannot be encoded, or is too large, is not stored, counted.
 *
 * Reads that are asked for in one turn of the event loop, of whatever requests, go out as one batch,
 * so that N keys cost one round trip and not N. What is asked for while a batch is under way goes out
 * when that is back, or a millisecond later: writing to a socket takes as long as the rest of a read.
 * Of one key, asked for twice in a batch, one answer is shared.
 *
 * A claim lasts as long as its holder lives: it is short, and renewed while the load runs. So the
 * others soon stop waiting for a process that was killed, and one of them takes its place.
 */
import {
  CodecError,
  type Codec,
  type Encoded,
  type EntryOwner,
  type Stored,
} from './codec/codec.ts';
import { within, type Entry, type StorePort } from './coherence/index.ts';
import {
  isStoreResting,
  type BreakerState,
  type Direction,
  type GuardedStore,
} from './stores/breaker.ts';

export interface SharedStoreOptions {
  readonly store: GuardedStore;
  readonly codec: Codec;
  /** What to store of the value in an entry. */
  readonly unpack: (value: unknown) => EntryOwner & { readonly value: unknown };
  /** Makes of what was stored the value of an entry, and tells its size in memory. May throw. */
  readonly pack: (
    stored: Stored,
    of: EntryOwner,
  ) => { readonly value: unknown; readonly bytes: number };
  /** An entry that was not ours, was damaged, or could not be stored: by key, without its value. */
  readonly onRefused?: (key: string, error: unknown) => void;
}

export interface SharedStoreCounts {
  readonly hits: number;
  readonly misses: number;
  /** Answered by the store, and not decoded: damaged, forged, of another version or key. */
  readonly corrupt: number;
  /** Values that have no stored form. */
  readonly unencodable: number;
  readonly tooLarge: number;
  /** Calls that the server failed or was too slow for. */
  readonly failures: number;
  /** Calls not made, because a breaker was open. */
  readonly rested: number;
  readonly batches: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly breakers: Readonly<Record<Direction, BreakerState>>;
}

export interface SharedStore extends StorePort {
  counts(): SharedStoreCounts;
}

/** How long the others wait for one that was killed. */
const CLAIM_MS = 1_500;
/** Five renewals may fail or be late, as on a busy machine, before a claim ends. */
const CLAIM_RENEW_EVERY_MS = CLAIM_MS / 6;

/** Who asked for a key, all of them with one answer. */
type Asked = PromiseWithResolvers<Entry | undefined>;

/** Keys of one batch: some megabytes of answers, and one statement that PostgreSQL plans well. */
const BATCH_KEYS_MAX = 256;
/** For the batch under way: a server that is that far away is not asked more often for it. */
const BATCH_WAITS_MS = 1;
/** Where the thread pool has too much to do, the source is the faster way. */
const DECOMPRESS_MS_MAX = 250;

export function createSharedStore(options: SharedStoreOptions): SharedStore {
  const { store, codec } = options;
  const counts = { ...NOTHING };
  const onRefused = options.onRefused ?? (() => undefined);
  const renewals = new Map<string, NodeJS.Timeout>();
  let batch = new Map<string, Asked>();
  let underWay = 0;
  let patience: NodeJS.Timeout | undefined;

  function countFailure(error: unknown): void {
    if (isStoreResting(error)) counts.rested += 1;
    else counts.failures += 1;
  }

  async function counted<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      countFailure(error);
      throw error;
    }
  }

  function sendSoon(): void {
    if (underWay === 0) setImmediate(send);
    else patience = setTimeout(send, BATCH_WAITS_MS);
  }

  function send(): void {
    clearTimeout(patience);
    if (batch.size === 0) return;
    const sent = batch;
    batch = new Map();
    underWay += 1;
    const keys = [...sent.keys()];
    if (keys.length > 1) counts.batches += 1;
    const [first] = keys;
    const answers =
      keys.length > 1 ? store.getMany(keys) : store.get(first!).then((bytes) => [bytes]);
    answers.then(
      (found) => land(() => keys.forEach((key, at) => settle(sent.get(key)!, key, found[at]))),
      (error: unknown) => land(() => sent.forEach((asked) => fail(asked, error))),
    );
  }

  /** The next batch goes out before this one's readers go on: its answers come meanwhile. */
  function land(tell: () => void): void {
    underWay -= 1;
    if (underWay === 0) send();
    tell();
  }

  function fail(asked: Asked, error: unknown): void {
    countFailure(error);
    asked.reject(error);
  }

  /** Each by itself: what goes wrong with one (a log that throws) must not keep the others waiting. */
  function settle(asked: Asked, key: string, bytes: Uint8Array | undefined): void {
    try {
      asked.resolve(read(key, bytes));
    } catch (error) {
      asked.reject(error);
    }
  }

  /** A promise only of what is large and compressed. */
  function read(key: string, bytes: Uint8Array | undefined): MaybeLater<Entry | undefined> {
    if (bytes === undefined) {
      counts.misses += 1;
      return undefined;
    }
    counts.bytesRead += bytes.length;
    try {
      const encoded = codec.decodeHeader(key, bytes);
      const stored = codec.decodeValue(encoded);
      if (!(stored instanceof Promise)) return accept(encoded, stored);
      const later = stored.then((one) => accept(encoded, one)).catch((error) => refuse(key, error));
      return within(DECOMPRESS_MS_MAX, later, () => new Error('decompressing took too long'));
    } catch (error) {
      return refuse(key, error);
    }
  }

  function accept({ header, name, owner }: Encoded, stored: Stored): Entry {
    const { value, bytes } = options.pack(stored, { name, owner });
    counts.hits += 1;
    return { ...header, value, bytes };
  }

  function refuse(key: string, error: unknown): undefined {
    counts.corrupt += 1;
    onRefused(key, error);
    return undefined;
  }

  function keepClaim(key: string, by: string, untilMs: number): void {
    clearInterval(renewals.get(key));
    const timer = setInterval(() => {
      if (performance.now() >= untilMs) endClaim(key);
      else store.claim(key, by, CLAIM_MS).catch(() => undefined);
    }, CLAIM_RENEW_EVERY_MS);
    timer.unref();
    renewals.set(key, timer);
  }
  function endClaim(key: string): void {
    clearInterval(renewals.get(key));
    renewals.delete(key);
  }

  return {
    get(key) {
      const known = batch.get(key);
      if (known !== undefined) return known.promise;
      if (batch.size === 0) sendSoon();
      const asked: Asked = Promise.withResolvers();
      batch.set(key, asked);
      if (batch.size >= BATCH_KEYS_MAX) send();
      return asked.promise;
    },

    async set(key, entry, ttlMs) {
      const { value, name, owner } = options.unpack(entry.value);
      let bytes: Uint8Array;
      try {
        bytes = await codec.encode(key, { ...entry, name, owner }, value);
      } catch (error) {
        if (error instanceof CodecError && error.code === 'too-large') counts.tooLarge += 1;
        else counts.unencodable += 1;
        onRefused(key, error);
        return;
      }
      await counted(store.set(key, bytes, ttlMs));
      counts.bytesWritten += bytes.length;
    },

    async claim(key, by, ttlMs) {
      const claimed = await counted(store.claim(key, by, Math.min(ttlMs, CLAIM_MS)));
      if (claimed && ttlMs > CLAIM_MS) keepClaim(key, by, performance.now() + ttlMs);
      return claimed;
    },
    release(key, by) {
      endClaim(key);
      return counted(store.release(key, by));
    },
    counts: () => ({ ...counts, breakers: store.breakers }),
  };
}

const NOTHING = {
  hits: 0,
  misses: 0,
  corrupt: 0,
  unencodable: 0,
  tooLarge: 0,
  failures: 0,
  rested: 0,
  batches: 0,
  bytesRead: 0,
  bytesWritten: 0,
};

type MaybeLater<T> = T | Promise<T>;

/** The stores that processes share, as the options name them: each behind a breaker and a codec. */
import type { SharedOptions } from './cache.ts';
import { createCodec } from './codec/codec.ts';
import { payloadOf, payloadOfText, type Payload } from './payload.ts';
import { seal } from './seal.ts';
import { createSharedStore, type SharedStore } from './shared-store.ts';
import { guardStore } from './stores/breaker.ts';
import type { ByteStore } from './stores/store.ts';

/** Caches that name the same store go through one breaker. */
export function openShared(options: SharedOptions) {
  const { secret, breaker, onRefused } = options;
  const codec = createCodec({ secret });
  const opened = new Map<ByteStore, SharedStore>();
  const open = (store: ByteStore | undefined): SharedStore | undefined => {
    if (store === undefined) return undefined;
    const known = opened.get(store);
    if (known) return known;
    const shared = createSharedStore({
      store: guardStore(store, breaker),
      codec,
      unpack(value) {
        const { sealed, name, owner } = value as Payload;
        return { value: sealed.value, name, owner };
      },
      pack(stored, of) {
        if ('text' in stored) return payloadOfText(stored, of);
        const sealed = seal(stored.value, of.name);
        return { value: payloadOf(sealed, of), bytes: sealed.bytes };
      },
      ...(onRefused ? { onRefused } : {}),
    });
    opened.set(store, shared);
    return shared;
  };
  const byCache = Object.entries(options.byCache ?? {});
  return {
    others: open(options.store),
    byCache: new Map(byCache.map(([name, store]) => [name, open(store)])),
  };
}

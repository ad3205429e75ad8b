/** Clients of a server connect behind one's back; these wait until one works. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ByteStore } from '../../src/cache/index.ts';

const READY_MS_MAX = 15_000;
const LOOK_EVERY_MS = 20;
/** Keys that fall to every node of a Cluster, in all likelihood. */
const KEYS = Array.from({ length: 32 }, (_, index) => `ready ${index}`);

export async function storeWhenReady(store: ByteStore): Promise<ByteStore> {
  await until(async () => {
    await store.getMany(KEYS);
    return true;
  });
  return store;
}

/**
 * Until `holds` answers true; its errors count as no. Fails with the last one, of a look that began
 * when the time was over: what is promised by then holds then, however late the look is.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  msMax = READY_MS_MAX,
): Promise<void> {
  const giveUpAt = performance.now() + msMax;
  for (;;) {
    const isLast = performance.now() > giveUpAt;
    let why: unknown = 'it did not come true';
    try {
      if (await holds()) return;
    } catch (error) {
      why = error;
    }
    if (isLast) throw new Error(`not in ${msMax} ms`, { cause: why });
    await pause(LOOK_EVERY_MS);
  }
}

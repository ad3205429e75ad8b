/**
 * Values that are given to a cache instead of being loaded, as a warm-up has them: the read goes its
 * usual way, with key, tags and provenance, and its load takes what it was given. What is kept already
 * stays. A gift is seen by the loads of its own call alone.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Giving<Value> {
  /** For the load: what it was given, if anything. */
  take(): Value | undefined;
  /** @returns whether the load took it, and for a cache that is on */
  give(value: Value, read: () => Promise<{ readonly outcome: string }>): Promise<boolean>;
}

export function createGiving<Value>(): Giving<Value> {
  const gifts = new AsyncLocalStorage<{ readonly value: Value; taken: boolean }>();
  return {
    take() {
      const gift = gifts.getStore();
      if (!gift) return undefined;
      gift.taken = true;
      return gift.value;
    },
    async give(value, read) {
      const gift = { value, taken: false };
      const { outcome } = await gifts.run(gift, read);
      return gift.taken && outcome !== 'bypass';
    },
  };
}

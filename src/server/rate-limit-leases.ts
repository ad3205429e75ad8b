/**
 * Leased quotas: a caller who keeps calling takes several requests from the store at once, and the
 * next ones are counted here, without asking. A store that is shared is then not asked at each hit,
 * and one in the process costs a fraction.
 *
 * Never leases more than the store last said was left, so that in one process the count is exact;
 * between processes what one has leased and not used is refused elsewhere until the window ends. A
 * caller's first request leases nothing, so one that is forgotten has lost nothing.
 */
import type { LimitStore, Taken } from './rate-limit-store.ts';

interface Lease {
  /** Taken from the store, and not used. */
  left: number;
  /** What the store has beside. */
  remaining: number;
  /** By `performance.now`. */
  endsAtMs: number;
}

/** Of a caller's limit: little enough that what another process can't have is not missed. */
const LEASED_SHARE = 1 / 50;
const LEASE_MAX = 64;
/** Some 150 bytes each. */
const LEASES_MAX = 20_000;

export interface Leases {
  /** Counts one request, at once where it is leased. */
  take(key: string, limit: number): Taken | Promise<Taken>;
  /** Counts so many requests if all of them are leased; undefined, and nothing is counted, if not. */
  takeLeased(key: string, count: number): Taken | undefined;
}

export function createLeases(store: LimitStore): Leases {
  const leases = new Map<string, Lease>();

  async function ask(key: string, limit: number, lease: Lease | undefined): Promise<Taken> {
    const wanted = Math.min(LEASE_MAX, Math.ceil(limit * LEASED_SHARE), lease?.remaining ?? 1);
    const count = Math.max(1, wanted);
    // At once: others that ask meanwhile must not count on the same.
    if (lease) lease.remaining -= count;
    const taken = await store.take(key, limit, count);
    if (!taken.allowed) return taken;
    const known = leases.get(key);
    const endsAtMs = performance.now() + taken.resetMs;
    if (known) {
      known.left = (known.endsAtMs > performance.now() ? known.left : 0) + count - 1;
      known.remaining = taken.remaining;
      known.endsAtMs = endsAtMs;
      return { ...taken, remaining: taken.remaining + known.left };
    }
    if (leases.size >= LEASES_MAX) leases.clear();
    leases.set(key, { left: count - 1, remaining: taken.remaining, endsAtMs });
    return { ...taken, remaining: taken.remaining + count - 1 };
  }

  function takeLeased(key: string, count: number): Taken | undefined {
    const lease = leases.get(key);
    if (!lease || lease.left < count) return undefined;
    const resetMs = lease.endsAtMs - performance.now();
    if (resetMs <= 0) return undefined;
    lease.left -= count;
    return { allowed: true, remaining: lease.left + lease.remaining, resetMs };
  }

  return {
    take(key, limit) {
      const taken = takeLeased(key, 1);
      if (taken) return taken;
      const lease = leases.get(key);
      if (lease && performance.now() < lease.endsAtMs) return ask(key, limit, lease);
      leases.delete(key);
      return ask(key, limit, undefined);
    },
    takeLeased,
  };
}

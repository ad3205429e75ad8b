/**
 * Leased quotas: a caller who keeps calling takes several requests from the store at once, and the
 * next ones are counted here, without asking. A store that is shared is then not asked at each hit,
 * and one in the process costs a fraction. The next several are taken before the last are used up, so
 * that who keeps calling never waits for them.
 *
 * Never leases more than the store last said was left, so that in one process the count is exact;
 * between processes what one has leased and not used is refused elsewhere until the window ends. A
 * caller's first request leases nothing, so one that is forgotten has lost nothing.
 */
import type { LimitStore, Taken } from './rate-limit-store.ts';

interface Lease {
  /** Of the caller: requests a window. */
  readonly limit: number;
  /** Taken from the store, and not used. */
  left: number;
  /** What the store has beside. */
  remaining: number;
  /** By `performance.now`. */
  endsAtMs: number;
  /** So many more are being taken: 0 or a lease. */
  growing: number;
}

/** Of a caller's limit: little enough that what another process can't have is not missed. */
const LEASED_SHARE = 1 / 50;
const LEASE_MAX = 64;
/** Of so many, the next are taken when fewer than this share of them is left. */
const LOW_SHARE = 1 / 4;
/** As long as this many times as much is left: what is being taken is nobody's for a moment. */
const AMPLE_SIZES = 4;
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
    const count = Math.max(1, Math.min(sizeOf(limit), lease?.remaining ?? 1));
    // At once: others that ask meanwhile must not count on the same.
    if (lease) lease.remaining -= count;
    const taken = await store.take(key, limit, count);
    if (!taken.allowed) return taken;
    const known = leases.get(key);
    const endsAtMs = performance.now() + taken.resetMs;
    if (known) {
      add(known, taken, count - 1);
      return { ...taken, remaining: taken.remaining + known.left };
    }
    if (leases.size >= LEASES_MAX) leases.clear();
    const left = count - 1;
    leases.set(key, { limit, left, remaining: taken.remaining, endsAtMs, growing: 0 });
    return { ...taken, remaining: taken.remaining + left };
  }

  /** Takes the next ones before they are needed. */
  async function grow(key: string, lease: Lease): Promise<void> {
    const count = sizeOf(lease.limit);
    lease.growing = count;
    lease.remaining -= count;
    try {
      const taken = await store.take(key, lease.limit, count);
      if (taken.allowed) add(lease, taken, count);
    } catch {
      // Whoever needs one asks for it, and is told.
    } finally {
      lease.growing = 0;
    }
  }

  function takeLeased(key: string, count: number): Taken | undefined {
    const lease = leases.get(key);
    if (!lease || lease.left < count) return undefined;
    const resetMs = lease.endsAtMs - performance.now();
    if (resetMs <= 0) return undefined;
    lease.left -= count;
    const size = sizeOf(lease.limit);
    const isLow = lease.left < size * LOW_SHARE && lease.remaining > size * AMPLE_SIZES;
    if (isLow && lease.growing === 0) void grow(key, lease);
    return { allowed: true, remaining: lease.left + lease.remaining + lease.growing, resetMs };
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

/** How many are taken at once, where as many are left. */
function sizeOf(limit: number): number {
  return Math.min(LEASE_MAX, Math.ceil(limit * LEASED_SHARE));
}

function add(lease: Lease, taken: Taken, count: number): void {
  const now = performance.now();
  lease.left = (lease.endsAtMs > now ? lease.left : 0) + count;
  lease.remaining = taken.remaining;
  lease.endsAtMs = now + taken.resetMs;
}

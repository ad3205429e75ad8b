/** For tests that count: what is merely late on a busy machine is not loaded, nor sent, twice. */
import type { MemberOptions } from './member.ts';

/** With one call of a store, and one command of its server. */
export const STORE_PATIENCE_MS = 10_000;

/** Without a lease every read loads. */
export const LONG_LEASE_MS = 5_000;

export const PATIENT = {
  leaseMs: LONG_LEASE_MS,
  breaker: { timeoutMs: STORE_PATIENCE_MS },
  limits: {
    storeTimeoutMs: STORE_PATIENCE_MS,
    claimWaitMs: 2 * STORE_PATIENCE_MS,
    resendMs: LONG_LEASE_MS,
  },
} satisfies Partial<MemberOptions>;

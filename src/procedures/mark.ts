/** What the cache says about one answer, for whoever writes it out. Times in epoch milliseconds. */
import type { Beside, CacheRead } from '../cache/index.ts';

export interface CacheMark {
  readonly storedAt: number;
  readonly validUntil: number;
  readonly deps: readonly string[];
  readonly outcome: 'hit' | 'miss' | 'stale' | 'bypass';
  readonly tier: 'l1' | 'l2' | 'source';
  /** How long a CDN may keep the answer for everybody; undefined: not at all. */
  readonly publicForMs?: number | undefined;
  /** The very value that the entry holds, and what is kept beside it; undefined for a copy. */
  readonly from?: { readonly value: unknown; readonly beside: Beside } | undefined;
}

/** @param publicForMs  how long a CDN may keep the answer; undefined: not at all */
export function markOf(read: CacheRead<unknown>, publicForMs?: number): CacheMark {
  const { outcome, tier, value, beside } = read;
  return {
    storedAt: read.storedAt,
    validUntil: read.validUntil,
    deps: read.deps,
    outcome: outcome === 'grace' ? 'stale' : outcome,
    tier: tier === 'flight' ? 'source' : tier,
    publicForMs,
    from: beside && { value, beside },
  };
}

/** What the cache says about one answer, for whoever writes it out. Times in epoch milliseconds. */
import type { CacheRead } from '../cache/index.ts';

export interface CacheMark {
  readonly storedAt: number;
  readonly validUntil: number;
  readonly deps: readonly string[];
  readonly outcome: 'hit' | 'miss' | 'stale' | 'bypass';
  readonly tier: 'l1' | 'l2' | 'source';
  /** How long a CDN may keep the answer for everybody; undefined: not at all. */
  readonly publicForMs?: number | undefined;
  /** What the mark is of; undefined where that is not known any more. */
  readonly from?: Pick<CacheRead<unknown>, 'value' | 'stored' | 'beside'> | undefined;
}

/** @param publicForMs  how long a CDN may keep the answer; undefined: not at all */
export function markOf(read: CacheRead<unknown>, publicForMs?: number): CacheMark {
  const { outcome, tier } = read;
  return {
    storedAt: read.storedAt,
    validUntil: read.validUntil,
    deps: read.deps,
    outcome: outcome === 'grace' ? 'stale' : outcome,
    tier: tier === 'flight' ? 'source' : tier,
    publicForMs,
    from: read,
  };
}

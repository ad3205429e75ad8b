/**
 * Which TTLs to change, from what was seen. Entries here end by invalidation as soon as what they
 * depend on changes, so one that expired was still right, as far as the cache can tell: the read that
 * met it would have been a hit with a longer TTL. How long is told by the ages at which expired entries
 * were asked for again.
 */
import { DAY, HOUR, MINUTE, SECOND } from '../config/duration.ts';

export interface TtlAdvice {
  readonly cache: string;
  readonly ttlMs: number;
  readonly ttlMsProposed: number;
  /** Share of all reads that would have been hits. */
  readonly readsSpared: number;
}

export interface TtlSeen {
  readonly cache: string;
  readonly ttlMs: number;
  readonly reads: number;
  /** Expired entries that were met, and their age at the 95th percentile. */
  readonly expired: { readonly count: number; readonly p95Ms: number };
}

/** With fewer nothing can be said of their ages. */
const EXPIRED_MIN = 20;
/** Less is not worth a change. */
const SPARED_MIN = 0.01;
/** Longer than anybody lets an entry live. */
const TTL_MS_MAX = 7 * DAY;
/** Of the expired ones, by the percentile that is given. */
const COVERED = 0.95;

export function adviseTtl({ cache, ttlMs, reads, expired }: TtlSeen): TtlAdvice | undefined {
  const readsSpared = reads === 0 ? 0 : (COVERED * expired.count) / reads;
  const ttlMsProposed = Math.min(TTL_MS_MAX, roundUp(Math.max(expired.p95Ms, ttlMs)));
  const enough = expired.count >= EXPIRED_MIN && readsSpared >= SPARED_MIN;
  return enough && ttlMsProposed > ttlMs ? { cache, ttlMs, ttlMsProposed, readsSpared } : undefined;
}

/** To what a person would write, above it. */
function roundUp(ms: number): number {
  const unit = ms < MINUTE ? 10 * SECOND : ms < HOUR ? 5 * MINUTE : ms < DAY ? HOUR : DAY;
  return (Math.floor(ms / unit) + 1) * unit;
}

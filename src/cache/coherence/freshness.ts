/**
 * How long an entry is good for, apart from coherence: TTL with jitter, early refresh, the stale
 * and the grace window, all capped by the loader's own `validUntil`.
 */
import type { Entry, Provenance } from './entry.ts';
import type { Loaded } from './ports.ts';

export interface Freshness {
  /** Fresh for so long after the load was sent; shortened by up to 10% at random. */
  readonly ttlMs: number;
  /** The same for a negative result. Default: ttlMs. */
  readonly negativeTtlMs?: number;
  /** After the TTL, answered at once for so long, and refreshed behind. Default 0. */
  readonly staleMs?: number;
  /** After the TTL, answered marked stale for so long when the source fails. 0: never. */
  readonly graceMs: number;
  /** Share of the TTL (0 to 1) after which a hit starts a refresh behind. Default: none. */
  readonly earlyRefresh?: number;
  /** With a value in its grace window at hand, how long to wait for a better one. Default: no end. */
  readonly softTimeoutMs?: number;
  /** How long a load may take. Its slot is free afterwards; the next read loads anew. */
  readonly loadTimeoutMs: number;
  /** How long to wait for another process that loads the same key. Default: `Limits.claimWaitMs`. */
  readonly claimWaitMs?: number;
  /** How long a shared store that says nothing is asked again, before loading without it. Default 0. */
  readonly storePatienceMs?: number;
}

/** Entries filled together must not expire together. */
export const JITTER = 0.1;

export interface Making {
  readonly loaded: Loaded;
  readonly tags: readonly string[];
  readonly provenance: Provenance;
  readonly storedAt: number;
  readonly freshness: Freshness;
  readonly random: () => number;
}

export function makeEntry(making: Making): Entry {
  const { loaded, storedAt, freshness } = making;
  const negative = loaded.negative === true;
  const ttl = negative ? (freshness.negativeTtlMs ?? freshness.ttlMs) : freshness.ttlMs;
  const ttlMs = Math.round(ttl * (1 - JITTER * making.random()));
  const cap = loaded.validUntil ?? Infinity;
  const validUntil = Math.min(cap, storedAt + ttlMs);
  return {
    value: loaded.value,
    tags: making.tags,
    provenance: making.provenance,
    storedAt,
    validUntil,
    staleUntil: Math.min(cap, validUntil + (freshness.staleMs ?? 0)),
    graceUntil: Math.min(cap, validUntil + freshness.graceMs),
    refreshAt:
      freshness.earlyRefresh === undefined
        ? Infinity
        : storedAt + Math.round(ttlMs * freshness.earlyRefresh),
    negative,
    ...(loaded.bytes === undefined ? {} : { bytes: loaded.bytes }),
  };
}

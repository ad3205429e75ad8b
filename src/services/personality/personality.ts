/**
 * How a stored personality reads at a moment. `fresh` becomes `stale` by time alone: nothing is
 * written then, so whoever keeps the answer must not keep it beyond `freshUntil`.
 */
import type { Analysis, Traits } from '../../db/schema/index.ts';
import { ANALYSIS_FRESH_MS, readAnalysis, type StoredPersonality } from './analysis.ts';

export interface Personality {
  /** `missing` also for what this program cannot read. */
  status: 'fresh' | 'stale' | 'missing';
  /** With the tuned traits in their places. Null when missing. */
  analysis: Analysis | null;
  /** Those of the traits that were set by hand. */
  tunedTraits: Traits;
  /** What `expectedVersion` is compared with; 0 when missing. */
  version: number;
  updatedAt: Date | null;
  /** When a fresh one becomes stale; null for what is not fresh. */
  freshUntil: Date | null;
}

const MISSING: Personality = {
  status: 'missing',
  analysis: null,
  tunedTraits: {},
  version: 0,
  updatedAt: null,
  freshUntil: null,
};

/** @param now  epoch milliseconds, of the clock by which answers are kept */
export function personalityAt(now: number, stored: StoredPersonality | undefined): Personality {
  const analysis = stored && readAnalysis(stored.analysisData);
  if (!analysis) return MISSING;
  const { tunedTraits, version, updatedAt } = stored;
  const fresh = isFreshAt(now, stored);
  return {
    status: fresh ? 'fresh' : 'stale',
    analysis: { ...analysis, traits: { ...analysis.traits, ...tunedTraits } },
    tunedTraits,
    version,
    updatedAt,
    freshUntil: fresh ? new Date(freshUntilMs(stored)) : null,
  };
}

export function isFreshAt(now: number, stored: StoredPersonality): boolean {
  return !stored.isStale && now < freshUntilMs(stored);
}

/** The older of the two: what somebody made old with psql is old, and tuning makes nothing young. */
function freshUntilMs({ analyzedAt, updatedAt }: StoredPersonality): number {
  return Math.min(analyzedAt.getTime(), updatedAt.getTime()) + ANALYSIS_FRESH_MS;
}

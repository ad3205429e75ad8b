/**
 * An analysis as it is stored and as people send it, and whether this program can read one. Kept
 * apart from how an analysis is made (services/analyzer).
 */
import { z } from 'zod';
import { DAY } from '../../config/duration.ts';
import type { Analysis, Traits } from '../../db/schema/index.ts';

/** Raise it when the meaning or the shape of an analysis changes: older ones then read as missing. */
export const ANALYSIS_SCHEMA_VERSION = 1;
/** Counted from when it was made or last confirmed. */
export const ANALYSIS_FRESH_MS = 7 * DAY;
/** What a client may send at once, as UTF-8 JSON. */
const ANALYSIS_PAYLOAD_BYTES_MAX = 2 ** 20;

/** Traits, interests and kinds of evidence of one analysis: more than any page shows. */
const ITEMS_MAX = 1_000;
const INTEREST_LENGTH_MAX = 1_000;

const label = z.string().min(1).max(64);
const share = z.number().min(0).max(1);
const atMost = (value: object) => Object.keys(value).length <= ITEMS_MAX;
const tooMany = { message: `Too many: expected at most ${ITEMS_MAX}` };

export const traitsSchema = z
  .record(label, share)
  .refine(atMost, tooMany)
  .meta({ description: 'By name, each from 0 to 1' });

export const analysisSchema = z.object({
  traits: traitsSchema,
  communicationStyle: label,
  interests: z.array(z.string().min(1).max(INTEREST_LENGTH_MAX)).max(ITEMS_MAX),
  expertise: label,
  tone: label,
  pace: label,
  confidence: share,
  evidence: z.record(label, z.number()).refine(atMost, tooMany),
  schemaVersion: z.int().min(1),
});

/** Any part of one; what is left out stays as it is. */
export const partialAnalysisSchema = analysisSchema
  .partial()
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= ANALYSIS_PAYLOAD_BYTES_MAX, {
    message: `Too big: expected at most ${ANALYSIS_PAYLOAD_BYTES_MAX} bytes of JSON`,
  });

export type PartialAnalysis = z.output<typeof partialAnalysisSchema>;

/** What is said of somebody of whom nothing is known. */
export const EMPTY_ANALYSIS: Analysis = {
  traits: {},
  communicationStyle: 'balanced',
  interests: [],
  expertise: 'general',
  tone: 'neutral',
  pace: 'moderate',
  confidence: 0,
  evidence: {},
  schemaVersion: ANALYSIS_SCHEMA_VERSION,
};

/** As much of the row as tells how it reads. */
export interface StoredPersonality {
  readonly analysisData: unknown;
  readonly tunedTraits: Traits;
  readonly analyzedAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
  readonly isStale: boolean;
}

/** Undefined for what another version of this program, or somebody else, has stored. */
export function readAnalysis(stored: unknown): Analysis | undefined {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return undefined;
  const { data } = analysisSchema.safeParse({ ...EMPTY_ANALYSIS, ...stored });
  return data?.schemaVersion === ANALYSIS_SCHEMA_VERSION ? data : undefined;
}

/** The stored fields, and in their place those that are given. */
export function mergeAnalysis(stored: Analysis | undefined, given: PartialAnalysis): Analysis {
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...(stored ?? EMPTY_ANALYSIS), ...(Object.fromEntries(known) as Partial<Analysis>) };
}

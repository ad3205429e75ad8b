/**
 * Whether an analysis differs so much from the stored one that it is worth a new version. Analyses
 * of almost the same messages wobble; each new version would make every client load it again.
 *
 * Significant: a trait that is new or gone, or that moved by TRAIT_CHANGE_MIN; a confidence that
 * moved by CONFIDENCE_CHANGE_MIN; another style, expertise, tone or pace; an interest that is new or
 * gone, in whatever order; another schema version. Not significant: the counts of the evidence,
 * which grow with every message.
 */
import type { Analysis, Traits } from '../../db/schema/index.ts';

const TRAIT_CHANGE_MIN = 0.1;
const CONFIDENCE_CHANGE_MIN = 0.1;
/** 0.7 − 0.6 is a little less than 0.1 in floating point. */
const ROUNDING = 1e-9;

const WORDS = ['communicationStyle', 'expertise', 'tone', 'pace', 'schemaVersion'] as const;

export function isSignificantChange(before: Analysis, after: Analysis): boolean {
  return (
    WORDS.some((field) => before[field] !== after[field]) ||
    moved(before.confidence, after.confidence, CONFIDENCE_CHANGE_MIN) ||
    new Set(before.interests).symmetricDifference(new Set(after.interests)).size > 0 ||
    traitsMoved(before.traits, after.traits)
  );
}

function traitsMoved(before: Traits, after: Traits): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].some((name) => {
    if (!Object.hasOwn(before, name) || !Object.hasOwn(after, name)) return true;
    return moved(before[name] ?? 0, after[name] ?? 0, TRAIT_CHANGE_MIN);
  });
}

function moved(before: number, after: number, least: number): boolean {
  return Math.abs(after - before) >= least - ROUNDING;
}

/**
 * What reuse saved, said honestly: calls and tokens, exact and similar apart, audits counted as the
 * calls that they are; and how often a reuse by likeness was wrong, which only audits can tell.
 */

/** Below so many audits an estimate says more about chance than about reuse. */
const AUDITS_MIN = 30;
/** Of a 95% interval. */
const Z = 1.96;

/** Sums over decisions and over the similar tier's log. */
export interface SavingsCounts {
  /** Prompts for which the model was asked, audits among them, and what those answers cost. */
  readonly asked: { readonly prompts: number; readonly tokens: number };
  /** Prompts that it was not asked for, and what the reused answers had cost. */
  readonly exact: { readonly prompts: number; readonly tokens: number };
  readonly similar: { readonly prompts: number; readonly tokens: number };
  /** An audit with chance 1/w stands for w − 1 reuses: the sums of that, and of its square. */
  readonly audits: {
    readonly count: number;
    readonly failed: number;
    readonly reuses: number;
    readonly reusesSquared: number;
    readonly wrongReuses: number;
  };
  /** Reuses by likeness that somebody called wrong. */
  readonly ratedBad: number;
}

export interface Estimate {
  readonly estimate: number;
  /** 95% of such intervals hold the true share. */
  readonly low: number;
  readonly high: number;
}

export interface Savings {
  readonly prompts: number;
  readonly callsMade: number;
  readonly tokensPaid: number;
  /** Of all prompts. */
  readonly savedShare: number;
  readonly exact: { readonly callsAvoided: number; readonly tokensAvoided: number };
  readonly similar: {
    readonly callsAvoided: number;
    readonly tokensAvoided: number;
    /** Calls made to check reuses that would have been. */
    readonly audits: number;
    readonly auditsFailed: number;
    readonly ratedBad: number;
    readonly wrong:
      'not enough audits yet' | { readonly ofReuses: Estimate; readonly ofAllPrompts: Estimate };
  };
}

export function savingsOf(counts: SavingsCounts): Savings {
  const { asked, exact, similar, audits, ratedBad } = counts;
  const prompts = asked.prompts + exact.prompts + similar.prompts;
  const saved = exact.prompts + similar.prompts;
  return {
    prompts,
    callsMade: asked.prompts,
    tokensPaid: asked.tokens,
    savedShare: prompts === 0 ? 0 : saved / prompts,
    exact: { callsAvoided: exact.prompts, tokensAvoided: exact.tokens },
    similar: {
      callsAvoided: similar.prompts,
      tokensAvoided: similar.tokens,
      audits: audits.count,
      auditsFailed: audits.failed,
      ratedBad,
      wrong: wrongOf(counts, prompts),
    },
  };
}

function wrongOf({ similar, audits }: SavingsCounts, prompts: number) {
  if (audits.count < AUDITS_MIN || audits.reuses <= 0) return 'not enough audits yet';
  const share = audits.wrongReuses / audits.reuses;
  // Kish: so many equal ones would say as much as these of different weight.
  const size = audits.reuses ** 2 / audits.reusesSquared;
  const ofReuses = wilson(share, size);
  const scale = similar.prompts / prompts;
  const { estimate, low, high } = ofReuses;
  return {
    ofReuses,
    ofAllPrompts: { estimate: estimate * scale, low: low * scale, high: high * scale },
  };
}

/** Wilson's score interval (1927), which is honest where few or none were wrong. */
function wilson(share: number, size: number): Estimate {
  const square = Z * Z;
  const middle = (share + square / (2 * size)) / (1 + square / size);
  const half =
    (Z / (1 + square / size)) *
    Math.sqrt((share * (1 - share)) / size + square / (4 * size * size));
  return {
    estimate: share,
    low: Math.max(0, middle - half),
    high: Math.min(1, middle + half),
  };
}

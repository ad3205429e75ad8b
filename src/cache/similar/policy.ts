/**
 * When is a stored answer given again? A logistic score of the evidence, refit as answers come in,
 * and a threshold on it. Every answer that is asked for tells what reuse would have said (a free
 * label); of the reuses a share is audited, more where the score is doubtful, and an audit stands
 * for all reuses like it. The threshold is the lowest at which the upper bound on wrong reuses, as
 * a share of all requests, is within what δ allows; until one is found nothing is reused (shadow),
 * and a failed audit has it chosen again at once.
 *
 * The bound: over the latest half of the labels, the model says how many wrong reuses to expect
 * above a threshold, and those seen correct it (a Gamma prior of PRIOR around "the model is right").
 * What δ allows: wrong reuses of all requests so far, of which those expected, corrected by the
 * audits, and their standard deviation are spent. What is unspent, such as a shadow leaves behind,
 * may be spent over the requests to come.
 *
 * Where most of the latest audits failed, the world is another one than the labels tell of: all of
 * them are forgotten, and it begins in shadow again. Reuses that somebody called wrong are never
 * forgotten: once they alone spend what is aimed at, nothing is reused, whatever the model says.
 *
 * State is plain data. Scores are log odds of being right.
 */
import { fitLogistic, scoreOf, type LogisticModel } from './logistic.ts';

/** Standard deviations between the estimate and its upper bound. */
const Z = 0.3;
/** Wrong reuses as expected that the observed ones are averaged with. */
const PRIOR = 15;
/** Standard deviations by which observed wrong reuses alone rule a threshold out. */
const DISPROOF = 2;
/**
 * No reuse may be likelier wrong than this times √δ: what more is saved there costs more of the
 * bound than it is worth. The root, because wrong reuse grows about with the square of what is saved.
 */
const EACH_MAX = 1.2;
/** So it is before anything is known; what few labels say of the sure ones, they say of no others. */
const EACH_MAX_AT_FIRST = 0.6;
/** Labels from which on the model is trusted more, and with which as far as it ever is. */
const TRUSTED_FROM = 200;
const TRUSTED_AT = 500;
/** However sure the model is: sources contradict themselves about so often. */
const WRONG_MIN = 0.003;
/** The share of δ that the rule aims at, so that chance seldom crosses δ. */
const AIM = 0.85;
/** Standard deviations of what was spent by chance that count as spent as well. */
const SPENT_Z = 0.7;
/** What is unspent is spread over this share of the requests so far, and no fewer than HORIZON_MIN. */
const HORIZON = 0.5;
const HORIZON_MIN = 500;
/** What δ allows at any moment, in units of δ. The most: at first δ itself, later twice as much. */
const ALLOWED_MIN = 0.25;
const ALLOWED_MAX = 2;
/** A reuse is audited with chance AUDIT_SCALE·√(chance of being wrong), within these bounds. */
const AUDIT_SCALE = 0.3;
const AUDIT_MIN = 0.03;
const AUDIT_MAX = 0.5;
/** Of so many audits in a row half may fail, where one in ten is usual: not by chance. */
const CHECKS = 30;
/** Labels kept: enough for any δ worth asking for, and 1 MB. */
const LABELS_MAX = 8192;
const FIRST_FIT = 25;
/** The same where it was wrong before. */
const FIRST_FIT_AGAIN = 200;
/** A refit is due after a quarter more labels, and the threshold is chosen anew after so many. */
const REFIT_GROWTH = 1.25;
const CHOOSE_EVERY = 10;
/** What is believed rests on the latest half: what is stored changes, and the evidence with it. */
const FIT_SHARE = 0.5;
const FIT_MIN = 300;
const RECENT_MIN = 400;
/** Parts for cross-fitting: a label is never scored by a model that has seen it. */
const FOLDS = 4;

/** `ask` the source; `audit`: ask although it would be reused; `reuse` the stored answer. */
export type Verdict = 'ask' | 'audit' | 'reuse';

export interface Judgement {
  readonly verdict: Verdict;
  readonly score: number;
  /** Requests that a label of this one stands for; 0 for a reuse, which gives none. */
  readonly weight: number;
}

interface Label {
  readonly features: readonly number[];
  readonly right: boolean;
  readonly weight: number;
  score: number;
}

/** Plain data: survives JSON. */
export interface PolicyState {
  readonly labels: readonly Label[];
  readonly model: LogisticModel | null;
  /** Null in shadow. */
  readonly threshold: number | null;
  readonly counts: Counts;
  /** Of the latest audits: whether reuse would have been right. */
  readonly checks: readonly boolean[];
  readonly ever: Ever;
}

/** What is not forgotten. */
interface Ever {
  requests: number;
  /** Reuses that were called wrong. */
  refuted: number;
  /** How often it began in shadow again. */
  relapses: number;
}

interface Counts {
  requests: number;
  /** Of the requests: nothing was there to reuse. */
  blank: number;
  /** Labels ever. */
  labels: number;
  nextFit: number;
  reuses: number;
  audits: number;
  auditsFailed: number;
  /** Wrong ones among the reuses and the audits, as the model expected at the time. */
  reusesWrongExpected: number;
  auditsWrongExpected: number;
}

export interface PolicyOptions {
  /** δ: the bound on wrong reuses as a share of all requests. */
  readonly wrongMax: number;
  /** From 0 to 1, decides who is audited. */
  readonly random: () => number;
  readonly state?: PolicyState;
}

export class Policy {
  readonly #wrongMax: number;
  readonly #random: () => number;
  readonly #counts: Counts;
  readonly #ever: Ever;
  #checks: boolean[];
  #labels: Label[];
  #model: LogisticModel | undefined;
  #threshold: number;
  #sinceChosen = 0;

  constructor({ wrongMax, random, state }: PolicyOptions) {
    this.#wrongMax = wrongMax;
    this.#random = random;
    this.#checks = [...(state?.checks ?? [])];
    this.#labels = state?.labels.map((label) => ({ ...label })) ?? [];
    this.#model = state?.model ?? undefined;
    this.#threshold = state?.threshold ?? Infinity;
    this.#counts = { ...(state?.counts ?? NO_COUNTS) };
    this.#ever = { ...(state?.ever ?? { requests: 0, refuted: 0, relapses: 0 }) };
    // The state may have been made under another δ.
    if (state && this.#model) this.#threshold = this.#choose();
  }

  get shadow(): boolean {
    return this.#threshold === Infinity;
  }

  get counts(): Readonly<Counts> {
    return this.#counts;
  }

  get state(): PolicyState {
    return {
      labels: this.#labels.map((label) => ({ ...label })),
      model: this.#model ?? null,
      threshold: this.shadow ? null : this.#threshold,
      counts: { ...this.#counts },
      checks: [...this.#checks],
      ever: { ...this.#ever },
    };
  }

  /** @param features  the evidence for the stored answer; undefined if there is none to reuse */
  judge(features: readonly number[] | undefined): Judgement {
    this.#ever.requests += 1;
    this.#counts.requests += 1;
    if (!features) this.#counts.blank += 1;
    if (!features || !this.#model) return { verdict: 'ask', score: 0, weight: 1 };
    const score = scoreOf(this.#model, features);
    if (score < this.#threshold) return { verdict: 'ask', score, weight: 1 };
    const wrong = chanceWrong(score);
    const chance = Math.min(AUDIT_MAX, Math.max(AUDIT_MIN, AUDIT_SCALE * Math.sqrt(wrong)));
    if (this.#random() < chance) {
      this.#counts.audits += 1;
      this.#counts.auditsWrongExpected += wrong;
      return { verdict: 'audit', score, weight: 1 / chance };
    }
    this.#counts.reuses += 1;
    this.#counts.reusesWrongExpected += wrong;
    return { verdict: 'reuse', score, weight: 0 };
  }

  /** Another process judged so, with the same source: counts as if it had been judged here. */
  follow(features: readonly number[] | undefined, { verdict, score }: Judgement): void {
    const counts = this.#counts;
    this.#ever.requests += 1;
    counts.requests += 1;
    if (!features) counts.blank += 1;
    if (verdict === 'audit') {
      counts.audits += 1;
      counts.auditsWrongExpected += chanceWrong(score);
    } else if (verdict === 'reuse') {
      counts.reuses += 1;
      counts.reusesWrongExpected += chanceWrong(score);
    }
  }

  /** The source has answered: would the reuse have been right? */
  learn(features: readonly number[], { verdict, score, weight }: Judgement, right: boolean): void {
    if (weight === 0) return;
    const counts = this.#counts;
    const failed = verdict === 'audit' && !right;
    if (failed) counts.auditsFailed += 1;
    if (verdict === 'audit') this.#checks = [...this.#checks, right].slice(-CHECKS);
    if (this.#checks.filter((wasRight) => !wasRight).length * 2 >= CHECKS) {
      this.#beginAnew();
      return;
    }
    this.#labels.push({ features, right, weight, score });
    if (this.#labels.length > LABELS_MAX) this.#labels.splice(0, LABELS_MAX / 8);
    counts.labels += 1;
    this.#sinceChosen += 1;
    const firstFit = this.#ever.relapses > 0 ? FIRST_FIT_AGAIN : FIRST_FIT;
    if (counts.labels >= Math.max(counts.nextFit, firstFit)) this.#fit();
    else if (!this.#model || (!failed && this.#sinceChosen < CHOOSE_EVERY)) return;
    this.#threshold = this.#choose();
    this.#sinceChosen = 0;
  }

  /** Somebody says that a reuse was wrong: worth a failed audit, which stands for more than itself. */
  refute(features: readonly number[]): void {
    this.#ever.refuted += 1;
    if (!this.#model) return;
    const score = scoreOf(this.#model, features);
    this.#counts.audits += 1;
    this.#counts.auditsWrongExpected += chanceWrong(score);
    this.learn(features, { verdict: 'audit', score, weight: 1 / AUDIT_MIN }, false);
  }

  #beginAnew(): void {
    this.#ever.relapses += 1;
    Object.assign(this.#counts, NO_COUNTS);
    this.#checks = [];
    this.#labels = [];
    this.#model = undefined;
    this.#threshold = Infinity;
    this.#sinceChosen = 0;
  }

  #fit(): void {
    // Unweighted: whether a reuse is audited depends on its features alone, so the fit needs no
    // correction, and an audit that stands for twenty would make it tremble.
    const labels = this.#labels.slice(-Math.max(FIT_MIN, this.#labels.length * FIT_SHARE));
    this.#model = fitLogistic(labels);
    for (let fold = 0; fold < FOLDS; fold++) {
      const others = fitLogistic(labels.filter((_, index) => index % FOLDS !== fold));
      for (const [index, label] of labels.entries()) {
        if (index % FOLDS === fold) label.score = scoreOf(others, label.features);
      }
    }
    const { labels: count } = this.#counts;
    this.#counts.nextFit = Math.max(count * REFIT_GROWTH, count + CHOOSE_EVERY);
  }

  #choose(): number {
    const { requests: all, refuted } = this.#ever;
    // The next one may be called wrong as well: there has to be room for it.
    if (refuted > 0 && refuted + 1 > AIM * this.#wrongMax * all) return Infinity;
    const recent = this.#labels
      .slice(-Math.max(RECENT_MIN, this.#labels.length / 2))
      .sort((a, b) => b.score - a.score);
    let requests = (this.#counts.blank * recent.length) / this.#counts.labels;
    for (const { weight } of recent) requests += weight;
    const allowed = this.#allowedNow() * requests;

    let threshold = Infinity;
    let expected = 0;
    let squares = 0;
    let wrong = 0;
    let spread = 0;
    for (const [index, { score, right, weight }] of recent.entries()) {
      expected += weight * chanceWrong(score);
      squares += weight * weight * chanceWrong(score);
      if (!right) {
        wrong += weight;
        spread += weight * weight;
      }
      // More were seen than chance explains: a model that is sure of them is no argument.
      if (wrong - DISPROOF * Math.sqrt(spread) > allowed) break;
      // A threshold lets equal scores pass together.
      if (recent[index + 1]?.score === score) continue;
      const typical = squares / expected;
      const seen = PRIOR + wrong / typical;
      const corrected = (expected * seen) / (PRIOR + expected / typical);
      if (corrected * (1 + Z / Math.sqrt(seen)) <= allowed) threshold = score;
    }
    const each = between(EACH_MAX_AT_FIRST, EACH_MAX, this.#trust) * Math.sqrt(this.#wrongMax);
    return Math.max(threshold, each < 1 ? Math.log((1 - each) / each) : -Infinity);
  }

  /** The share of wrong reuses that the next requests may have. */
  #allowedNow(): number {
    const { requests, auditsFailed, auditsWrongExpected, reusesWrongExpected } = this.#counts;
    const spent = (reusesWrongExpected * (PRIOR + auditsFailed)) / (PRIOR + auditsWrongExpected);
    const aim = AIM * this.#wrongMax;
    const unspent = aim * requests - spent - SPENT_Z * Math.sqrt(spent + 1);
    const now = aim + unspent / Math.max(HORIZON_MIN, HORIZON * requests);
    const most = between(1, ALLOWED_MAX, this.#trust) * this.#wrongMax;
    return Math.min(most, Math.max(ALLOWED_MIN * this.#wrongMax, now));
  }

  /** From 0 to 1. */
  get #trust(): number {
    const share = (this.#counts.labels - TRUSTED_FROM) / (TRUSTED_AT - TRUSTED_FROM);
    return Math.min(1, Math.max(0, share));
  }
}

const between = (low: number, high: number, share: number) => low + (high - low) * share;

const NO_COUNTS: Counts = {
  requests: 0,
  blank: 0,
  labels: 0,
  nextFit: 0,
  reuses: 0,
  audits: 0,
  auditsFailed: 0,
  reusesWrongExpected: 0,
  auditsWrongExpected: 0,
};

function chanceWrong(score: number): number {
  return WRONG_MIN + (1 - WRONG_MIN) / (1 + Math.exp(score));
}

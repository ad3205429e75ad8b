/**
 * The similar tier: a stored answer for a text that is not the same but asks the same, within a
 * bound on wrong reuse that the caller sets. Knows texts, vectors and answers' equivalence classes;
 * neither what the answers are nor where they are kept.
 *
 * A shelf holds what may answer whom: one for each scope and context, never more (hard partition).
 * The policy, the learned space and the weights of words are shared by the shelves of one
 * source (model, template, embedder): make a new one when any of them changes, and it begins in
 * shadow. Nothing is asked of texts beyond the embedder's reach: the caller passes no neighbours.
 *
 *   const proposal = similar.propose(shelf, text, neighbours);
 *   if (proposal.verdict === 'reuse') return proposal.entry;
 *   const answer = await ask();
 *   similar.answered(shelf, { ...text, id, answer }, proposal);
 */
import { createInterchange } from './interchange.ts';
import { Policy, type Judgement, type PolicyOptions } from './policy.ts';
import { Shelf, type Finding, type Neighbour, type ShelfEntry, type SimilarText } from './shelf.ts';
import { createSpace } from './space.ts';
import { createTermWeights, WORD_DIMENSIONS } from './terms.ts';
import { finish, type Work } from './work.ts';

export { factsOf, type FactOptions } from './facts.ts';
export { NearestIndex } from './nearest.ts';
export type { Judgement, PolicyState, Verdict } from './policy.ts';
export {
  CANDIDATES_MAX,
  EVIDENCE_VERSION,
  type Neighbour,
  type Shelf,
  type ShelfEntry,
  type SimilarText,
} from './shelf.ts';
export { termsOf, wordsOf } from './terms.ts';
export { advance, STEP_COST_MAX, type Work } from './work.ts';

export interface SimilarOptions extends PolicyOptions {
  /** Of the vectors. */
  readonly dimensions: number;
  /**
   * Does the work of learning the space anew, up to a second of it; never twice at a time. It takes
   * effect when all is done, and until then the space is as it was; so it is when the work throws.
   * Default: all at once, within `answered`, so that the same calls always give the same results.
   */
  readonly refit?: (work: Work<void>) => void;
}

export interface Proposal extends Judgement {
  /** What is reused, or would have been; undefined when nothing comparable is stored. */
  readonly entry: Finding['entry'] | undefined;
  readonly features: readonly number[] | undefined;
}

export interface Similar {
  readonly policy: Policy;
  shelf(): Shelf;
  /** @param neighbours  the nearest entries of the shelf by cosine, nearest first */
  propose(shelf: Shelf, text: SimilarText, neighbours: readonly Neighbour[]): Proposal;
  /** The source was asked after this proposal: stores its answer, and learns from it. */
  answered(shelf: Shelf, entry: ShelfEntry, proposal: Proposal | undefined): void;
}

export function createSimilar(options: SimilarOptions): Similar {
  const space = createSpace(options.dimensions + WORD_DIMENSIONS);
  const learned = { space, weights: createTermWeights(), interchange: createInterchange() };
  const policy = new Policy(options);
  const { refit = finish } = options;
  let refitting = false;

  function* refitWhileDue(): Work<void> {
    try {
      while (space.due) yield* space.refit();
    } finally {
      refitting = false;
    }
  }

  return {
    policy,
    shelf: () => new Shelf(learned),
    propose(shelf, text, neighbours) {
      const finding: Finding | undefined = shelf.find(text, neighbours);
      const judgement = policy.judge(finding?.features);
      return { ...judgement, entry: finding?.entry, features: finding?.features };
    },
    answered(shelf, entry, proposal) {
      if (proposal?.features && proposal.entry) {
        policy.learn(proposal.features, proposal, proposal.entry.answer === entry.answer);
      }
      shelf.add(entry);
      if (refitting || !space.due) return;
      refitting = true;
      refit(refitWhileDue());
    },
  };
}

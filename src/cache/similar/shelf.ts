/**
 * The stored answers of one partition, and what they say about a new text: the class it most likely
 * belongs to, the entry to reuse, and the evidence for it as numbers.
 * A class is all entries whose answers are equal by the caller's declared equivalence.
 */
import { createEvidence, type ClassEvidence, type Evidence } from './discriminant.ts';
import { onePlace } from './facts.ts';
import type { Interchange } from './interchange.ts';
import { addTo, dot, lengthOf } from './matrix.ts';
import type { Point, Space } from './space.ts';
import type { TermWeights } from './terms.ts';

export interface SimilarText {
  readonly words: readonly string[];
  readonly terms: Uint16Array;
  /** Of length 1. */
  readonly vector: Float32Array;
  readonly facts: string;
}

export interface ShelfEntry extends SimilarText {
  readonly id: string;
  /** Equal for entries whose answers are equivalent. */
  readonly answer: string;
  /** It is evidence, and never given as an answer itself. */
  readonly votesOnly?: boolean;
}

/** The space has the vector, as far as it needs it. */
type KeptEntry = Omit<ShelfEntry, 'vector'>;

interface Placed {
  readonly entry: KeptEntry;
  readonly group: Group;
  readonly point: Point;
}

interface Group {
  readonly answer: string;
  /** In the space's sample, which may outlive the class. */
  readonly id: symbol;
  readonly members: Placed[];
  readonly facts: Set<string>;
  /** Of the members' coordinates. */
  sum: Float64Array;
  /** What the class says of a text; made anew when it has changed. */
  evidence: ClassEvidence | undefined;
}

/** Nearest by the embedder's own cosine: from them come the votes and the entry to reuse. */
export const CANDIDATES_MAX = 64;
/**
 * Of what the numbers in Finding.features mean. Counts up with every change to them: what was learned
 * from others would be nonsense.
 */
export const EVIDENCE_VERSION = 5;
const VOTERS = 16;
/** How fast a vote fades with distance: at 0.1 less similarity it counts 0.45. */
const VOTE_FADE = 8;
/** The evidence of coordinates that are not independent counts less than its sum. */
const TEMPER = 0.3;
/** Log odds of a class that nobody has seen yet. */
const STRANGER = 1;

export interface Neighbour {
  readonly id: string;
  readonly cosine: number;
}

export interface Finding {
  readonly entry: KeptEntry;
  readonly features: readonly number[];
}

/** What the shelves of one source learn together. */
export interface Learned {
  readonly space: Space;
  readonly weights: TermWeights;
  readonly interchange: Interchange;
}

export class Shelf {
  readonly #space: Space;
  readonly #weights: TermWeights;
  readonly #interchange: Interchange;
  readonly #placed = new Map<string, Placed>();
  readonly #groups = new Map<string, Group>();
  /** Of the groups' sums. */
  #epoch = 0;
  #evidence: Evidence | undefined;

  constructor({ space, weights, interchange }: Learned) {
    this.#space = space;
    this.#weights = weights;
    this.#interchange = interchange;
  }

  add(entry: ShelfEntry): void {
    const group = this.#groups.get(entry.answer) ?? {
      answer: entry.answer,
      id: Symbol(),
      members: [],
      facts: new Set<string>(),
      sum: new Float64Array(),
      evidence: undefined,
    };
    this.#groups.set(entry.answer, group);
    const { vector, ...kept } = entry;
    const point = this.#space.observe(vector, group.id, this.#weights.vectorOf(entry.words));
    const placed = { entry: kept, group, point };
    group.members.push(placed);
    group.facts.add(entry.facts);
    this.#placed.set(entry.id, placed);
    this.#weights.add(entry.terms);
    this.#interchange.add(kept);
    if (this.#epoch === this.#space.epoch) sumUp(placed, 1);
  }

  /** It answers and votes no more; what the space learned from it stays. */
  remove(id: string): void {
    const placed = this.#placed.get(id);
    if (!placed) return;
    this.#placed.delete(id);
    const { group, point } = placed;
    this.#space.forget(point);
    group.members.splice(group.members.indexOf(placed), 1);
    if (group.members.length === 0) {
      this.#groups.delete(group.answer);
      return;
    }
    group.facts.clear();
    for (const { entry } of group.members) group.facts.add(entry.facts);
    if (this.#epoch === this.#space.epoch) sumUp(placed, -1);
  }

  /**
   * Undefined when nothing comparable is stored: no entry of the winning class has the text's
   * facts, or one of them differs from the text in one place only, by words that may be facts.
   *
   * @param neighbours  nearest first by the embedder's cosine, at most CANDIDATES_MAX
   */
  find(text: SimilarText, neighbours: readonly Neighbour[]): Finding | undefined {
    if (neighbours.length === 0) return undefined;
    this.#refresh();
    const evidence = this.#evidence;
    const at = this.#space.place(text.vector, this.#weights.vectorOf(text.words));
    if (!evidence || !at) return undefined;
    const oddsOf = evidence.compare(at);
    let winner: Group | undefined;
    let best = -Infinity;
    // Others have no entry near enough to be given, and would say little.
    const groups = new Set<Group>();
    for (const { id } of neighbours) groups.add((this.#placed.get(id) as Placed).group);
    const all = new Float64Array(groups.size);
    let count = 0;
    for (const group of groups) {
      group.evidence ??= evidence.of(group.sum, group.members.length);
      const odds = oddsOf(group.evidence);
      all[count++] = odds;
      if (odds <= best) continue;
      best = odds;
      winner = group;
    }
    if (!winner) return undefined;
    let rest = Math.exp(TEMPER * (STRANGER - best)) - 1;
    for (const odds of all) rest += Math.exp(TEMPER * (odds - best));
    const posterior = -Math.log(rest + 1e-9);

    const length = lengthOf(at);
    const near = neighbours
      .map(({ id, cosine }) => {
        const placed = this.#placed.get(id) as Placed;
        const other = placed.point.at as Float64Array;
        return { placed, cosine, learned: dot(other, at) / (lengthOf(other) * length || 1) };
      })
      .sort((a, b) => b.learned - a.learned);
    const voters = near.slice(0, VOTERS);
    const first = voters[0] as (typeof voters)[number];
    let votes = 0;
    let votesOf = 0;
    for (const { placed, learned } of voters) {
      const vote = Math.exp(VOTE_FADE * (learned - first.learned));
      votes += vote;
      if (placed.group === winner) votesOf += vote;
    }
    const own = near.filter(({ placed }) => placed.group === winner);
    const rival = near.find(({ placed }) => placed.group !== winner);
    const closest = own[0];
    if (!closest || closest.placed.entry.votesOnly) return undefined;
    if (!winner.facts.has(text.facts)) return undefined;
    let overlap = 0;
    let overlapOther = 0;
    let cosineOwn = -1;
    let cosineOther = -1;
    const overlapOf = this.#weights.overlapWith(text.terms);
    for (const { placed, cosine } of near) {
      const shared = overlapOf(placed.entry.terms);
      if (placed.group === winner) {
        overlap = Math.max(overlap, shared);
        cosineOwn = Math.max(cosineOwn, cosine);
      } else {
        overlapOther = Math.max(overlapOther, shared);
        cosineOther = Math.max(cosineOther, cosine);
      }
    }
    const isOtherFact = ({ words }: KeptEntry) => {
      const places = onePlace(words, text.words);
      return places !== undefined && !this.#interchange.isHarmless(places);
    };
    if (own.some(({ placed }) => isOtherFact(placed.entry))) return undefined;
    // In the order of nothing: the policy standardises and weighs them.
    const features = [
      posterior,
      closest.learned,
      cosineOwn - cosineOther,
      votesOf / votes,
      closest.learned - (rival?.learned ?? 0),
      overlap,
      overlap - overlapOther,
      Math.log(winner.members.length),
    ];
    return { entry: closest.placed.entry, features };
  }

  /** The points have moved: some milliseconds at 10,000. */
  #refresh(): void {
    const { epoch, discriminant } = this.#space;
    if (this.#epoch === epoch || !discriminant) return;
    this.#epoch = epoch;
    this.#evidence = createEvidence(discriminant);
    for (const group of this.#groups.values()) group.sum = new Float64Array();
    for (const placed of this.#placed.values()) sumUp(placed, 1);
  }
}

/** A member comes, or goes at factor -1. */
function sumUp({ group, point: { at } }: Placed, factor: number): void {
  if (!at) return;
  if (group.sum.length !== at.length) group.sum = new Float64Array(at.length);
  addTo(group.sum, at, factor);
  group.evidence = undefined;
}

/**
 * The space in which texts are compared: learned from what was answered, shared by the shelves of
 * one source, and learned anew as more is known. Holds a bounded sample of vectors with their
 * classes; which shelf a class is of matters no more than what its answer is.
 *
 * Learning anew is Work. Until it is done all is as before, for what comes meanwhile as well; its last
 * step puts every point where it then is.
 */
import { fitDiscriminant, principalComponents, type Discriminant } from './discriminant.ts';
import { addTo, multiply } from './matrix.ts';
import { WORD_DIMENSIONS, type WordVector } from './terms.ts';
import type { Work } from './work.ts';

export interface Space {
  /** Counts up with each refit: all points are elsewhere then. */
  readonly epoch: number;
  /** Undefined before the first refit: nothing can be compared yet. */
  readonly discriminant: Discriminant | undefined;
  /**
   * A vector joins its class. Throws RangeError on one of other dimensions.
   *
   * @param group  outlives its class in the sample: nothing hangs on it
   * @param words  of the text. Default: none
   */
  observe(vector: Float32Array, group: symbol, words?: WordVector): Point;
  /** It moves no more, and is gone when the sample is past it. What was learned from it stays. */
  forget(point: Point): void;
  /** Coordinates of a vector; undefined before the first refit. */
  place(vector: Float32Array, words?: WordVector): Float64Array | undefined;
  /** Whether enough was observed since the last refit to be worth another. */
  readonly due: boolean;
  /** One at a time. One that fails, or is given up, has changed nothing. */
  refit(): Work<void>;
}

export interface Point {
  /** Its coordinates in the space as it is now; undefined before the first refit. */
  readonly at: Float64Array | undefined;
}

/** Principal components. Their part for words is kept by word: a text has few. */
interface Basis {
  readonly meaning: readonly Float64Array[];
  readonly words: readonly Float64Array[];
}

/** What a text is, as far as the space hears it. */
interface Raw {
  readonly vector: Float32Array;
  readonly words: WordVector;
}

interface OwnPoint extends Point {
  at: Float64Array | undefined;
  /** Let go once it is reduced in the basis that stays: it is most of what an entry takes. */
  raw?: Raw;
  /** Its principal components, and in which basis. */
  reduced?: Float64Array;
  basis?: Basis;
}

const NO_WORDS: WordVector = { places: [], values: [] };
/** Below this many vectors their directions are chance. */
const FIRST_REFIT = 40;
/** A refit costs a pass over all vectors: at so many times as many, the sum stays linear. */
const GROWTH = 1.5;
/** Principal components found from so many vectors are kept: they settle early. */
const SETTLED = 500;
/** The latest vectors that a refit looks at. */
const SAMPLE_MAX = 4096;

export function createSpace(dimensions: number): Space {
  const points = new Set<OwnPoint>();
  let sample: { point: OwnPoint; group: symbol }[] = [];
  let basis: Basis | undefined;
  let settled = false;
  let discriminant: Discriminant | undefined;
  let observed = 0;
  let dueAt = FIRST_REFIT;
  let epoch = 0;

  function place(point: OwnPoint): Float64Array | undefined {
    return basis && discriminant?.project(reduce(point, basis));
  }

  return {
    get epoch() {
      return epoch;
    },
    get discriminant() {
      return discriminant;
    },
    get due() {
      return observed >= dueAt;
    },
    observe(vector, group, words = NO_WORDS) {
      if (vector.length !== dimensions) {
        throw new RangeError(`a vector of ${vector.length} dimensions among ${dimensions}`);
      }
      const point: OwnPoint = { raw: { vector, words }, at: undefined };
      point.at = place(point);
      if (settled) delete point.raw;
      points.add(point);
      sample.push({ point, group });
      if (sample.length >= 1.25 * SAMPLE_MAX) sample = sample.slice(-SAMPLE_MAX);
      observed += 1;
      return point;
    },
    forget(point) {
      points.delete(point);
    },
    place: (vector, words = NO_WORDS) => place({ raw: { vector, words }, at: undefined }),
    *refit() {
      // Before anything can fail: a refit that did is not tried again with each answer.
      dueAt = observed * GROWTH;
      const taken = sample.slice(-SAMPLE_MAX);
      const settles = taken.length >= SETTLED;
      const newBasis =
        basis && settled
          ? basis
          : basisOf(yield* principalComponents(taken.map(({ point }) => wholeOf(point))));
      const cost = newBasis.meaning.length * dimensions;
      const classes = new Map<symbol, Float64Array[]>();
      for (const { point, group } of taken) {
        const vectors = classes.get(group) ?? [];
        classes.set(group, vectors);
        vectors.push(reduce(point, newBasis));
        yield cost;
      }
      const newDiscriminant = yield* fitDiscriminant([...classes.values()]);
      const moved = new Map<OwnPoint, Float64Array>();
      // A set's iteration comes to what is added meanwhile as well.
      for (const point of points) {
        moved.set(point, newDiscriminant.project(reduce(point, newBasis)));
        yield cost;
      }
      basis = newBasis;
      settled ||= settles;
      for (const [point, at] of moved) {
        point.at = at;
        if (settled) delete point.raw;
      }
      discriminant = newDiscriminant;
      epoch += 1;
    },
  };
}

/** Meaning and words, side by side. */
function wholeOf({ raw }: OwnPoint): Float32Array {
  const { vector, words } = raw as Raw;
  const whole = new Float32Array(vector.length + WORD_DIMENSIONS);
  whole.set(vector);
  for (const [index, place] of words.places.entries()) {
    (whole[vector.length + place] as number) += words.values[index] as number;
  }
  return whole;
}

/** Of whole vectors. */
function basisOf(components: readonly Float64Array[]): Basis {
  const dimensions = (components[0]?.length ?? 0) - WORD_DIMENSIONS;
  return {
    meaning: components.map((row) => row.slice(0, dimensions)),
    words: Array.from({ length: WORD_DIMENSIONS }, (_, place) =>
      Float64Array.from(components, (row) => row[dimensions + place] as number),
    ),
  };
}

/** One for all: thousands of its size would be most of the garbage. */
let scratch = new Float64Array();

function reduce(point: OwnPoint, basis: Basis): Float64Array {
  if (!point.reduced || point.basis !== basis) {
    const { vector, words } = point.raw as Raw;
    if (scratch.length !== vector.length) scratch = new Float64Array(vector.length);
    scratch.set(vector);
    const reduced = multiply(basis.meaning, scratch);
    for (const [index, place] of words.places.entries()) {
      addTo(reduced, basis.words[place] as Float64Array, words.values[index]);
    }
    point.basis = basis;
    point.reduced = reduced;
  }
  return point.reduced;
}

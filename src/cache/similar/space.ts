/**
 * The space in which texts are compared: learned from what was answered, shared by the shelves of
 * one source, and learned anew as more is known. Holds a bounded sample of vectors with their
 * classes; which shelf a class is of matters no more than what its answer is.
 *
 * Learning anew is Work. Until it is done all is as before, for what comes meanwhile as well; its last
 * step puts every point where it then is.
 */
import { fitDiscriminant, principalComponents, type Discriminant } from './discriminant.ts';
import { multiply } from './matrix.ts';
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
   */
  observe(vector: Float32Array, group: symbol): Point;
  /** It moves no more, and is gone when the sample is past it. What was learned from it stays. */
  forget(point: Point): void;
  /** Coordinates of a vector; undefined before the first refit. */
  place(vector: Float32Array): Float64Array | undefined;
  /** Whether enough was observed since the last refit to be worth another. */
  readonly due: boolean;
  /** One at a time. One that fails, or is given up, has changed nothing. */
  refit(): Work<void>;
}

export interface Point {
  /** Its coordinates in the space as it is now; undefined before the first refit. */
  readonly at: Float64Array | undefined;
}

type Basis = readonly Float64Array[];

interface OwnPoint extends Point {
  at: Float64Array | undefined;
  /** Let go once it is reduced in the basis that stays: it is most of what an entry takes. */
  vector?: Float32Array;
  /** Its principal components, and in which basis. */
  reduced?: Float64Array;
  basis?: Basis;
}

/** Below this many vectors their directions are chance. */
const FIRST_REFIT = 150;
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
    observe(vector, group) {
      if (vector.length !== dimensions) {
        throw new RangeError(`a vector of ${vector.length} dimensions among ${dimensions}`);
      }
      const point: OwnPoint = { vector, at: undefined };
      point.at = place(point);
      if (settled) delete point.vector;
      points.add(point);
      sample.push({ point, group });
      if (sample.length >= 1.25 * SAMPLE_MAX) sample = sample.slice(-SAMPLE_MAX);
      observed += 1;
      return point;
    },
    forget(point) {
      points.delete(point);
    },
    place: (vector) => place({ vector, at: undefined }),
    *refit() {
      // Before anything can fail: a refit that did is not tried again with each answer.
      dueAt = observed * GROWTH;
      const taken = sample.slice(-SAMPLE_MAX);
      const settles = taken.length >= SETTLED;
      const newBasis =
        basis && settled
          ? basis
          : yield* principalComponents(taken.map(({ point }) => point.vector as Float32Array));
      const cost = newBasis.length * dimensions;
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
        if (settled) delete point.vector;
      }
      discriminant = newDiscriminant;
      epoch += 1;
    },
  };
}

/** One for all: thousands of its size would be most of the garbage. */
let scratch = new Float64Array();

function reduce(point: OwnPoint, basis: Basis): Float64Array {
  if (!point.reduced || point.basis !== basis) {
    const vector = point.vector as Float32Array;
    if (scratch.length !== vector.length) scratch = new Float64Array(vector.length);
    scratch.set(vector);
    point.basis = basis;
    point.reduced = multiply(basis, scratch);
  }
  return point.reduced;
}

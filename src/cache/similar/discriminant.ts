/**
 * Which class does a vector belong to? Probabilistic linear discriminant analysis (Ioffe 2006; with
 * length normalisation, Garcia-Romero and Espy-Wilson 2011): vectors scatter around the centre of
 * their class with one covariance, the centres around the origin with another. Both are estimated
 * from the classes that were seen, so that a class of one or two vectors is already judged by how
 * wide classes usually are.
 *
 * `project` maps a vector to coordinates in which the first covariance is the identity and the
 * second is diagonal (`spread`): what a class says of a vector is then a sum over coordinates.
 * Only the leading principal components take part: a few hundred vectors say nothing of the others.
 */
import {
  addOuter,
  addTo,
  dot,
  eigenOf,
  inverseCholesky,
  mirror,
  multiply,
  normalize,
  zeros,
} from './matrix.ts';
import type { Work } from './work.ts';

export interface Discriminant {
  /** @param reduced  the vector's principal components */
  project(reduced: Float64Array): Float64Array;
  /** Variance of the centres in each coordinate, where vectors have variance 1 around theirs. */
  readonly spread: Float64Array;
}

/** Coordinates kept. */
const COORDINATES_MAX = 64;
/** Ridges in units of the mean variance, as a share of one vector's weight. */
const RIDGE_RAW = 3;
const RIDGE = 0.3;
const SPREAD_MIN = 1e-3;
/** With fewer classes of two vectors or more, single vectors count as centres as well. */
const CLASSES_MIN = 20;

/**
 * @param classes  the vectors of each class, as principal components; those of one vector only say
 *   where centres may be
 */
export function* fitDiscriminant(
  classes: readonly (readonly Float64Array[])[],
): Work<Discriminant> {
  const all = classes.flat();
  const mean = meanOf(all);
  yield all.length * mean.length;
  const first = yield* inverseCholesky(yield* covarianceWithin(classes, RIDGE_RAW));
  const shift = multiply(first, mean);
  const whiten = (vector: Float64Array) => {
    const whitened = multiply(first, vector);
    addTo(whitened, shift, -1);
    return normalize(whitened);
  };
  const white: Float64Array[][] = [];
  for (const vectors of classes) {
    const own: Float64Array[] = [];
    for (const vector of vectors) {
      own.push(whiten(vector));
      yield vector.length ** 2 / 2;
    }
    white.push(own);
  }
  const second = yield* inverseCholesky(yield* covarianceWithin(white, RIDGE));
  const { values, vectors } = yield* eigenOf(yield* covarianceBetween(white, second));
  const kept = Math.min(COORDINATES_MAX, values.length);
  const turn: Float64Array[] = [];
  for (const row of vectors.slice(0, kept)) {
    turn.push(timesRows(row, second));
    yield row.length ** 2 / 2;
  }
  return {
    spread: values.slice(0, kept).map((value) => Math.max(value, SPREAD_MIN)),
    project: (vector) => multiply(turn, whiten(vector)),
  };
}

/** What the members of a class say of a vector. */
export interface ClassEvidence {
  /** What all classes of its size say. */
  readonly width: Width;
  readonly linear: Float64Array;
  readonly constant: number;
}

/** What classes of one size have in common: all but their centres. */
interface Width {
  readonly variance: Float64Array;
  readonly square: Float64Array;
  readonly constant: number;
  /** Of the vector that was compared last. */
  comparison: number;
  squares: number;
}

/** Sizes of which the widths are kept: larger classes are few. */
const WIDTHS_MAX = 64;

export interface Evidence {
  /** Thousands in milliseconds, as many are of one size. @param sum  of the members' coordinates */
  of(sum: Float64Array, count: number): ClassEvidence;
  /** Log odds of a vector being one of a class, or a stranger: good until the next comparison. */
  compare(at: Float64Array): (evidence: ClassEvidence) => number;
}

export function createEvidence({ spread }: Discriminant): Evidence {
  const widths: Width[] = [];
  let comparisons = 0;

  function widthOf(count: number): Width {
    const variance = spread.map((wide) => 1 + wide / (count * wide + 1));
    const square = variance.map(
      (own, index) => (1 / own - 1 / (1 + (spread[index] as number))) / 2,
    );
    let constant = 0;
    for (const [index, own] of variance.entries())
      constant -= Math.log(own / (1 + (spread[index] as number))) / 2;
    return { variance, square, constant, comparison: 0, squares: 0 };
  }

  return {
    of(sum, count) {
      const width = count < WIDTHS_MAX ? (widths[count] ??= widthOf(count)) : widthOf(count);
      const { variance } = width;
      const linear = new Float64Array(sum.length);
      let { constant } = width;
      for (let index = 0; index < linear.length; index++) {
        const wide = spread[index] as number;
        const centre = (wide * (sum[index] as number)) / (count * wide + 1);
        linear[index] = centre / (variance[index] as number);
        constant -= (centre * (linear[index] as number)) / 2;
      }
      return { width, linear, constant };
    },
    compare(at) {
      const squares = at.map((value) => value * value);
      const comparison = (comparisons += 1);
      return ({ width, linear, constant }) => {
        if (width.comparison !== comparison) {
          width.comparison = comparison;
          width.squares = dot(width.square, squares);
        }
        return constant + dot(linear, at) - width.squares;
      };
    },
  };
}

function meanOf(vectors: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) addTo(mean, vector, 1 / vectors.length);
  return mean;
}

function* covarianceWithin(
  classes: readonly (readonly Float64Array[])[],
  ridge: number,
): Work<Float64Array[]> {
  const size = classes[0]?.[0]?.length ?? 0;
  const scatter = zeros(size);
  let freedom = 0;
  for (const vectors of classes) {
    if (vectors.length < 2) continue;
    const mean = meanOf(vectors);
    yield vectors.length * size;
    for (let at = 0; at < vectors.length; at += 4) {
      const differences = vectors.slice(at, at + 4).map((vector) => vector.slice());
      for (const difference of differences) addTo(difference, mean, -1);
      addOuter(scatter, differences);
      yield (differences.length * size ** 2) / 2;
    }
    freedom += vectors.length - 1;
  }
  let trace = 0;
  for (let row = 0; row < size; row++) trace += (scatter[row] as Float64Array)[row] as number;
  for (const [row, line] of scatter.entries()) {
    (line[row] as number) += (ridge * trace) / size || 1;
    for (let column = 0; column <= row; column++) (line[column] as number) /= freedom || 1;
  }
  yield size ** 2 / 2;
  return scatter;
}

/** Of the classes' centres after `whiten`, less what the scatter of their vectors adds to it. */
function* covarianceBetween(
  classes: readonly (readonly Float64Array[])[],
  whiten: readonly Float64Array[],
): Work<Float64Array[]> {
  const size = whiten.length;
  const several = classes.filter((vectors) => vectors.length >= 2);
  const used = several.length > CLASSES_MIN ? several : classes;
  const covariance = zeros(size);
  for (const vectors of used) {
    addOuter(covariance, [multiply(whiten, meanOf(vectors))], 1 / used.length);
    for (const [row, line] of covariance.entries()) {
      (line[row] as number) -= 1 / vectors.length / used.length;
    }
    yield vectors.length * size + size ** 2;
  }
  mirror(covariance);
  yield size ** 2 / 2;
  return covariance;
}

/** Row × matrix. */
function timesRows(row: Float64Array, matrix: readonly Float64Array[]): Float64Array {
  const product = new Float64Array(matrix.at(-1)?.length ?? 0);
  for (const [index, line] of matrix.entries()) addTo(product, line, row[index]);
  return product;
}

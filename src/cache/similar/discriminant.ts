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
  orthonormalize,
  zeros,
} from './matrix.ts';
import type { Work } from './work.ts';

export interface Discriminant {
  /** @param reduced  the vector's principal components */
  project(reduced: Float64Array): Float64Array;
  /** Variance of the centres in each coordinate, where vectors have variance 1 around theirs. */
  readonly spread: Float64Array;
}

/** Principal components kept. */
const COMPONENTS_MAX = 192;
/** Coordinates kept of them. */
const COORDINATES_MAX = 128;
const ITERATIONS = 2;
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

/** What the members of a class say of a vector: log odds of it being one of them, or a stranger. */
export interface ClassEvidence {
  /** @param squares  of the coordinates */
  of(at: Float64Array, squares: Float64Array): number;
}

/** What classes of one size have in common: all but their centres. */
interface Width {
  readonly variance: Float64Array;
  readonly square: Float64Array;
  readonly constant: number;
}

/** Sizes of which the widths are kept: larger classes are few. */
const WIDTHS_MAX = 64;

/** Makes the evidence of classes; thousands of them in milliseconds, as many are of one size. */
export function createEvidence({ spread }: Discriminant) {
  const widths: Width[] = [];

  function widthOf(count: number): Width {
    const variance = spread.map((wide) => 1 + wide / (count * wide + 1));
    const square = variance.map(
      (own, index) => (1 / own - 1 / (1 + (spread[index] as number))) / 2,
    );
    let constant = 0;
    for (const [index, own] of variance.entries())
      constant -= Math.log(own / (1 + (spread[index] as number))) / 2;
    return { variance, square, constant };
  }

  /** @param sum  of the members' coordinates */
  return (sum: Float64Array, count: number): ClassEvidence => {
    const width = count < WIDTHS_MAX ? (widths[count] ??= widthOf(count)) : widthOf(count);
    const { variance, square } = width;
    const linear = new Float64Array(sum.length);
    let { constant } = width;
    for (let index = 0; index < linear.length; index++) {
      const wide = spread[index] as number;
      const centre = (wide * (sum[index] as number)) / (count * wide + 1);
      linear[index] = centre / (variance[index] as number);
      constant -= (centre * (linear[index] as number)) / 2;
    }
    return { of: (at, squares) => constant + dot(linear, at) - dot(square, squares) };
  };
}

function meanOf(vectors: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) addTo(mean, vector, 1 / vectors.length);
  return mean;
}

/** Directions in which the vectors differ most, by orthogonal iteration begun with some of them. */
export function* principalComponents(vectors: readonly Float32Array[]): Work<Float64Array[]> {
  const size = vectors[0]?.length ?? 0;
  const mean = new Float64Array(size);
  for (const vector of vectors) {
    addTo(mean, new Float64Array(vector), 1 / vectors.length);
    yield size;
  }
  const count = Math.min(COMPONENTS_MAX, size, Math.ceil(vectors.length / 2));
  let basis: Float64Array[] = [];
  const scatter = zeros(size);
  for (const vector of vectors) {
    const difference = new Float64Array(vector);
    addTo(difference, mean, -1);
    addOuter(scatter, difference);
    if (basis.length < count) basis.push(difference);
    yield size ** 2 / 2;
  }
  mirror(scatter);
  yield size ** 2 / 2;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    yield* orthonormalize(basis);
    const turned: Float64Array[] = [];
    for (const row of basis) {
      turned.push(multiply(scatter, row));
      yield size ** 2;
    }
    basis = turned;
  }
  yield* orthonormalize(basis);
  return basis;
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
    for (const vector of vectors) {
      const difference = new Float64Array(vector);
      addTo(difference, mean, -1);
      addOuter(scatter, difference);
      yield size ** 2 / 2;
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
    addOuter(covariance, multiply(whiten, meanOf(vectors)), 1 / used.length);
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

/**
 * The linear algebra that the discriminant needs, on lists of rows. All of it is Float64Array: loops
 * over one kind of array run several times faster than over two. What takes long is Work of a row a
 * step.
 */
import type { Work } from './work.ts';

/** The right may be longer. */
export function dot(left: Float64Array, right: Float64Array): number {
  // Four sums side by side: one alone waits for each addition. Each declared for itself: numbers out of
  // an array literal stay boxed, which takes three times as long.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const size = left.length;
  let index = 0;
  for (; index < size - 3; index += 4) {
    a += (left[index] as number) * (right[index] as number);
    b += (left[index + 1] as number) * (right[index + 1] as number);
    c += (left[index + 2] as number) * (right[index + 2] as number);
    d += (left[index + 3] as number) * (right[index + 3] as number);
  }
  for (; index < size; index++) a += (left[index] as number) * (right[index] as number);
  return a + b + c + d;
}

/** The sum may be longer. */
export function addTo(sum: Float64Array, vector: Float64Array, factor = 1): void {
  const size = vector.length;
  for (let index = 0; index < size; index++) {
    (sum[index] as number) += factor * (vector[index] as number);
  }
}

export const lengthOf = (vector: Float64Array) => Math.sqrt(dot(vector, vector));

/** To length 1, in place. */
export function normalize(vector: Float64Array): Float64Array {
  const length = lengthOf(vector) || 1;
  for (let index = 0; index < vector.length; index++) (vector[index] as number) /= length;
  return vector;
}

/** Rows × vector: of as many numbers as a row has, and a row that is longer than one before it has more. */
export function multiply(rows: readonly Float64Array[], vector: Float64Array): Float64Array {
  const product = new Float64Array(rows.length);
  let row = 0;
  for (; row < rows.length - 3; row += 4) multiplyFour(rows, vector, { row, product });
  for (; row < rows.length; row++) product[row] = dot(rows[row] as Float64Array, vector);
  return product;
}

/** Side by side, so that the vector is read once for all of them. */
function multiplyFour(
  rows: readonly Float64Array[],
  vector: Float64Array,
  { row, product }: { row: number; product: Float64Array },
): void {
  const first = rows[row] as Float64Array;
  const second = rows[row + 1] as Float64Array;
  const third = rows[row + 2] as Float64Array;
  const fourth = rows[row + 3] as Float64Array;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const size = first.length;
  for (let index = 0; index < size; index++) {
    const value = vector[index] as number;
    a += (first[index] as number) * value;
    b += (second[index] as number) * value;
    c += (third[index] as number) * value;
    d += (fourth[index] as number) * value;
  }
  // Of a triangle, the first is the shortest.
  b += restOf(second, vector, size);
  c += restOf(third, vector, size);
  d += restOf(fourth, vector, size);
  product[row] = a;
  product[row + 1] = b;
  product[row + 2] = c;
  product[row + 3] = d;
}

function restOf(row: Float64Array, vector: Float64Array, from: number): number {
  let sum = 0;
  for (let index = from; index < row.length; index++) {
    sum += (row[index] as number) * (vector[index] as number);
  }
  return sum;
}

/** Adds factor·vector·vectorᵀ for each of the vectors to the lower triangle; fastest for four at once. */
export function addOuter(
  rows: readonly Float64Array[],
  vectors: readonly Float64Array[],
  factor = 1,
): void {
  if (vectors.length === 4) {
    addFourOuter(rows, vectors, factor);
    return;
  }
  for (const vector of vectors) {
    for (let row = 0; row < rows.length; row++) {
      const scaled = factor * (vector[row] as number);
      const line = rows[row] as Float64Array;
      for (let column = 0; column <= row; column++) {
        (line[column] as number) += scaled * (vector[column] as number);
      }
    }
  }
}

/** Each sum is read and written once for all of them. */
function addFourOuter(
  rows: readonly Float64Array[],
  vectors: readonly Float64Array[],
  factor: number,
): void {
  const first = vectors[0] as Float64Array;
  const second = vectors[1] as Float64Array;
  const third = vectors[2] as Float64Array;
  const fourth = vectors[3] as Float64Array;
  for (let row = 0; row < rows.length; row++) {
    const a = factor * (first[row] as number);
    const b = factor * (second[row] as number);
    const c = factor * (third[row] as number);
    const d = factor * (fourth[row] as number);
    const line = rows[row] as Float64Array;
    for (let column = 0; column <= row; column++) {
      (line[column] as number) +=
        a * (first[column] as number) +
        b * (second[column] as number) +
        c * (third[column] as number) +
        d * (fourth[column] as number);
    }
  }
}

export function zeros(size: number): Float64Array[] {
  return Array.from({ length: size }, () => new Float64Array(size));
}

/** Copies the lower triangle to the upper. */
export function mirror(rows: readonly Float64Array[]): void {
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < row; column++) {
      (rows[column] as Float64Array)[row] = (rows[row] as Float64Array)[column] as number;
    }
  }
}

/**
 * L⁻¹ for the Cholesky factor L of a positive definite matrix, of which the lower triangle is read.
 * A row ends at the diagonal.
 */
export function* inverseCholesky(matrix: readonly Float64Array[]): Work<Float64Array[]> {
  const lower: Float64Array[] = [];
  for (const line of matrix) {
    lower.push(choleskyRow(line, lower));
    yield lower.length ** 2 / 2;
  }
  const inverse: Float64Array[] = [];
  for (const own of lower) {
    inverse.push(inverseRow(own, inverse));
    yield inverse.length ** 2 / 2;
  }
  return inverse;
}

/** The next row of L, from those before it. */
function choleskyRow(line: Float64Array, before: readonly Float64Array[]): Float64Array {
  const row = before.length;
  const own = new Float64Array(row + 1);
  for (let column = 0; column <= row; column++) {
    const other = before[column] ?? own;
    let sum = line[column] as number;
    for (let k = 0; k < column; k++) sum -= (own[k] as number) * (other[k] as number);
    own[column] = row === column ? Math.sqrt(sum) : sum / (other[column] as number);
  }
  return own;
}

/** The next row of L⁻¹, from those before it. */
function inverseRow(own: Float64Array, before: readonly Float64Array[]): Float64Array {
  const row = before.length;
  const target = new Float64Array(row + 1);
  target[row] = 1;
  for (let k = 0; k < row; k++) addTo(target, before[k] as Float64Array, -(own[k] as number));
  for (let column = 0; column <= row; column++) (target[column] as number) /= own[row] as number;
  return target;
}

/** What is left of a row that depends on others: rounding. */
const NOTHING = 1e-10;

/**
 * Of rows that stand for vectors: each made orthogonal to those before it, of length 1, or zero where it
 * depends on them. In place.
 */
export function* orthonormalize(rows: readonly Float64Array[]): Work<void> {
  for (const [row, own] of rows.entries()) {
    const whole = lengthOf(own);
    let length = whole;
    // Where little is left of it, that is rounding in part; twice is enough (Kahan).
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < row; before++) {
        const other = rows[before] as Float64Array;
        addTo(own, other, -dot(own, other));
      }
      const left = lengthOf(own);
      if (left > length / 10) break;
      length = left;
    }
    if (lengthOf(own) <= NOTHING * whole) own.fill(0);
    normalize(own);
    yield 4 * (row + 1) * own.length;
  }
}

export interface Eigen {
  readonly values: Float64Array;
  /** Row i belongs to value i. */
  readonly vectors: readonly Float64Array[];
}

/**
 * Of a symmetric matrix, largest value first: made tridiagonal by reflections (Householder), then
 * diagonal by implicitly shifted QR steps (Wilkinson). Changes its argument.
 */
export function* eigenOf(matrix: readonly Float64Array[]): Work<Eigen> {
  const { diagonal, beside, vectors } = yield* tridiagonalOf(matrix);
  const size = diagonal.length;
  let steps = 0;
  for (let last = size - 1; last > 0 && steps < QR_STEPS_MAX * size;) {
    let first = last;
    while (first > 0 && !isNothing(first - 1, { diagonal, beside })) first -= 1;
    if (first === last) {
      last -= 1;
      continue;
    }
    stepQr({ diagonal, beside, vectors }, first, last);
    steps += 1;
    yield 6 * size * (last - first);
  }
  const order = Array.from({ length: size }, (_, row) => row).sort(
    (a, b) => (diagonal[b] as number) - (diagonal[a] as number),
  );
  return {
    values: Float64Array.from(order, (row) => diagonal[row] as number),
    vectors: order.map((row) => vectors[row] as Float64Array),
  };
}

/** Two for each value is usual. */
const QR_STEPS_MAX = 30;

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Left of and above the diagonal, from the second row on. */
  readonly beside: Float64Array;
  /** The basis in which the matrix is so. */
  readonly vectors: Float64Array[];
}

function* tridiagonalOf(matrix: readonly Float64Array[]): Work<Tridiagonal> {
  const size = matrix.length;
  const beside = new Float64Array(Math.max(size - 1, 0));
  /** Reflection k is the identity less scale·v·vᵀ, where v begins at k + 1. */
  const reflections: { readonly v: Float64Array; readonly scale: number }[] = [];
  for (let step = 0; step < size - 1; step++) {
    const from = step + 1;
    const v = Float64Array.from(
      { length: size - from },
      (_, at) => (matrix[from + at] as Float64Array)[step] as number,
    );
    const length = lengthOf(v);
    const head = v[0] as number;
    const target = head > 0 ? -length : length;
    beside[step] = target;
    v[0] = head - target;
    const squares = dot(v, v);
    const scale = squares > 0 ? 2 / squares : 0;
    reflections.push({ v, scale });
    // A − v·wᵀ − w·vᵀ on what is left, of which only the lower triangle is kept up to date by rows.
    const rest = matrix.slice(from).map((line) => line.subarray(from));
    const w = multiply(rest, v);
    for (let at = 0; at < w.length; at++) (w[at] as number) *= scale;
    addTo(w, v, (-scale / 2) * dot(v, w));
    for (const [at, line] of rest.entries()) {
      addTo(line, w, -(v[at] as number));
      addTo(line, v, -(w[at] as number));
    }
    yield 3 * v.length ** 2;
  }
  const vectors = zeros(size);
  for (let row = 0; row < size; row++) (vectors[row] as Float64Array)[row] = 1;
  for (let step = size - 2; step >= 0; step--) {
    const { v, scale } = reflections[step] as (typeof reflections)[number];
    for (let row = step + 1; row < size; row++) {
      const line = (vectors[row] as Float64Array).subarray(step + 1);
      addTo(line, v, -scale * dot(v, line));
    }
    yield 2 * v.length ** 2;
  }
  return {
    diagonal: Float64Array.from(matrix, (line, row) => line[row] as number),
    beside,
    vectors,
  };
}

function isNothing(at: number, { diagonal, beside }: Omit<Tridiagonal, 'vectors'>): boolean {
  const near = Math.abs(diagonal[at] as number) + Math.abs(diagonal[at + 1] as number);
  return Math.abs(beside[at] as number) <= Number.EPSILON * near;
}

/** Rotations that make the last value beside the diagonal smaller, from `first` to `last`. */
function stepQr({ diagonal, beside, vectors }: Tridiagonal, first: number, last: number): void {
  const corner = beside[last - 1] as number;
  const half = ((diagonal[last - 1] as number) - (diagonal[last] as number)) / 2;
  const shift =
    (diagonal[last] as number) -
    corner ** 2 / (half + (half < 0 ? -1 : 1) * Math.hypot(half, corner));
  let x = (diagonal[first] as number) - shift;
  let z = beside[first] as number;
  for (let at = first; at < last; at++) {
    const length = Math.hypot(x, z);
    const cosine = length === 0 ? 1 : x / length;
    const sine = length === 0 ? 0 : z / length;
    if (at > first) beside[at - 1] = length;
    const a = diagonal[at] as number;
    const b = beside[at] as number;
    const c = diagonal[at + 1] as number;
    diagonal[at] = cosine * cosine * a + 2 * cosine * sine * b + sine * sine * c;
    diagonal[at + 1] = sine * sine * a - 2 * cosine * sine * b + cosine * cosine * c;
    beside[at] = cosine * sine * (c - a) + (cosine * cosine - sine * sine) * b;
    if (at + 1 < last) {
      x = beside[at] as number;
      z = sine * (beside[at + 1] as number);
      (beside[at + 1] as number) *= cosine;
    }
    turn(vectors[at] as Float64Array, vectors[at + 1] as Float64Array, { cosine, sine });
  }
}

function turn(
  left: Float64Array,
  right: Float64Array,
  { cosine, sine }: { cosine: number; sine: number },
): void {
  for (let index = 0; index < left.length; index++) {
    const a = left[index] as number;
    const b = right[index] as number;
    left[index] = cosine * a + sine * b;
    right[index] = cosine * b - sine * a;
  }
}

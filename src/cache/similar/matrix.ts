/**
 * The linear algebra that the discriminant needs, on lists of rows. All of it is Float64Array: loops
 * over one kind of array run several times faster than over two. What takes long is Work of a row a
 * step.
 */
import type { Work } from './work.ts';

/** The right may be longer. Four sums side by side: one alone waits for each addition. */
export function dot(left: Float64Array, right: Float64Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let index = 0;
  for (; index + 3 < left.length; index += 4) {
    a += (left[index] as number) * (right[index] as number);
    b += (left[index + 1] as number) * (right[index + 1] as number);
    c += (left[index + 2] as number) * (right[index + 2] as number);
    d += (left[index + 3] as number) * (right[index + 3] as number);
  }
  for (; index < left.length; index++) a += (left[index] as number) * (right[index] as number);
  return a + b + c + d;
}

/** The sum may be longer. */
export function addTo(sum: Float64Array, vector: Float64Array, factor = 1): void {
  for (let index = 0; index < vector.length; index++) {
    (sum[index] as number) += factor * (vector[index] as number);
  }
}

/** To length 1, in place. */
export function normalize(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  for (let index = 0; index < vector.length; index++) (vector[index] as number) /= length;
  return vector;
}

/** Rows × vector. */
export function multiply(rows: readonly Float64Array[], vector: Float64Array): Float64Array {
  const product = new Float64Array(rows.length);
  for (let row = 0; row < product.length; row++)
    product[row] = dot(rows[row] as Float64Array, vector);
  return product;
}

/** Adds factor·vector·vectorᵀ to the lower triangle. */
export function addOuter(rows: readonly Float64Array[], vector: Float64Array, factor = 1): void {
  for (let row = 0; row < rows.length; row++) {
    const scaled = factor * (vector[row] as number);
    const line = rows[row] as Float64Array;
    for (let column = 0; column <= row; column++) {
      (line[column] as number) += scaled * (vector[column] as number);
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

/** Of rows that stand for vectors: each made orthogonal to those before it, of length 1. In place. */
export function* orthonormalize(rows: readonly Float64Array[]): Work<void> {
  for (const [row, own] of rows.entries()) {
    // Twice is enough (Kahan): once leaves what rounding left.
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < row; before++) {
        const other = rows[before] as Float64Array;
        addTo(own, other, -dot(own, other));
      }
      normalize(own);
    }
    yield 4 * (row + 1) * own.length;
  }
}

const SWEEPS_MAX = 12;

export interface Eigen {
  readonly values: Float64Array;
  /** Row i belongs to value i. */
  readonly vectors: readonly Float64Array[];
}

/** Of a symmetric matrix, largest value first, by cyclic Jacobi rotations. Changes its argument. */
export function* eigenOf(matrix: readonly Float64Array[]): Work<Eigen> {
  const size = matrix.length;
  const vectors = zeros(size);
  for (let row = 0; row < size; row++) (vectors[row] as Float64Array)[row] = 1;
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    let off = 0;
    let all = 0;
    for (let row = 0; row < size; row++) {
      const line = matrix[row] as Float64Array;
      for (let column = 0; column < row; column++) off += 2 * (line[column] as number) ** 2;
      all += (line[row] as number) ** 2;
    }
    if (off <= 1e-12 * all) break;
    // Too small to matter: not worth a rotation.
    const least = Math.sqrt(off) / size / 100;
    for (let p = 0; p < size; p++) {
      let rotations = 0;
      for (let q = p + 1; q < size; q++) {
        if (Math.abs((matrix[p] as Float64Array)[q] as number) <= least) continue;
        rotate(matrix, vectors, p, q);
        rotations += 1;
      }
      yield size + 12 * size * rotations;
    }
  }
  const order = Array.from({ length: size }, (_, row) => row).sort(
    (a, b) =>
      ((matrix[b] as Float64Array)[b] as number) - ((matrix[a] as Float64Array)[a] as number),
  );
  return {
    values: Float64Array.from(order, (row) => (matrix[row] as Float64Array)[row] as number),
    vectors: order.map((row) => vectors[row] as Float64Array),
  };
}

function rotate(
  matrix: readonly Float64Array[],
  vectors: readonly Float64Array[],
  p: number,
  q: number,
): void {
  const rowP = matrix[p] as Float64Array;
  const rowQ = matrix[q] as Float64Array;
  const theta = ((rowQ[q] as number) - (rowP[p] as number)) / (2 * (rowP[q] as number));
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  turn(rowP, rowQ, cosine, sine);
  for (let row = 0; row < matrix.length; row++) {
    const line = matrix[row] as Float64Array;
    const atP = line[p] as number;
    const atQ = line[q] as number;
    line[p] = cosine * atP - sine * atQ;
    line[q] = sine * atP + cosine * atQ;
  }
  turn(vectors[p] as Float64Array, vectors[q] as Float64Array, cosine, sine);
}

function turn(left: Float64Array, right: Float64Array, cosine: number, sine: number): void {
  for (let index = 0; index < left.length; index++) {
    const a = left[index] as number;
    const b = right[index] as number;
    left[index] = cosine * a - sine * b;
    right[index] = sine * a + cosine * b;
  }
}

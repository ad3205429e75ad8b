/**
 * Logistic regression by Newton's method with a ridge, on standardised features. Rows are few (some
 * thousands) and features about a dozen: a fit takes milliseconds.
 */
export interface Example {
  readonly features: readonly number[];
  readonly right: boolean;
}

export interface LogisticModel {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** One per feature, and the constant last. */
  readonly weights: readonly number[];
}

const STEPS = 12;
const RIDGE = 1;

export function fitLogistic(examples: readonly Example[]): LogisticModel {
  const size = examples[0]?.features.length ?? 0;
  const { mean, scale } = standardise(examples, size);
  const weights = new Float64Array(size + 1);
  const row = new Float64Array(size + 1);
  row[size] = 1;
  for (let step = 0; step < STEPS; step++) {
    const gradient = new Float64Array(size + 1);
    const hessian = Array.from({ length: size + 1 }, () => new Float64Array(size + 1));
    for (const { features, right } of examples) {
      for (let index = 0; index < size; index++) {
        row[index] =
          ((features[index] as number) - (mean[index] as number)) / (scale[index] as number);
      }
      let sum = 0;
      for (let index = 0; index <= size; index++)
        sum += (row[index] as number) * (weights[index] as number);
      const chance = 1 / (1 + Math.exp(-sum));
      const error = chance - (right ? 1 : 0);
      const curve = chance * (1 - chance);
      for (let a = 0; a <= size; a++) {
        (gradient[a] as number) += error * (row[a] as number);
        const line = hessian[a] as Float64Array;
        const factor = curve * (row[a] as number);
        for (let b = 0; b <= a; b++) (line[b] as number) += factor * (row[b] as number);
      }
    }
    for (let a = 0; a <= size; a++) {
      (gradient[a] as number) += RIDGE * (weights[a] as number);
      ((hessian[a] as Float64Array)[a] as number) += RIDGE;
    }
    const change = solveSymmetric(hessian, gradient);
    let largest = 0;
    for (let a = 0; a <= size; a++) {
      (weights[a] as number) -= change[a] as number;
      largest = Math.max(largest, Math.abs(change[a] as number));
    }
    if (largest < 1e-4) break;
  }
  return { mean, scale, weights: Array.from(weights) };
}

/** The log odds of being right. */
export function scoreOf(model: LogisticModel, features: readonly number[]): number {
  const { mean, scale, weights } = model;
  let sum = weights[features.length] as number;
  for (let index = 0; index < features.length; index++) {
    sum +=
      (((features[index] as number) - (mean[index] as number)) / (scale[index] as number)) *
      (weights[index] as number);
  }
  return sum;
}

function standardise(examples: readonly Example[], size: number) {
  const mean = Array.from({ length: size }, () => 0);
  const scale = Array.from({ length: size }, () => 0);
  for (const { features } of examples) {
    for (let index = 0; index < size; index++)
      (mean[index] as number) += (features[index] as number) / examples.length;
  }
  for (const { features } of examples) {
    for (let index = 0; index < size; index++) {
      (scale[index] as number) +=
        ((features[index] as number) - (mean[index] as number)) ** 2 / examples.length;
    }
  }
  return { mean, scale: scale.map((variance) => Math.sqrt(variance) || 1) };
}

/** By Cholesky, from the lower triangle; changes its arguments. */
function solveSymmetric(matrix: Float64Array[], vector: Float64Array): Float64Array {
  const size = vector.length;
  const at = (row: number, column: number) => (matrix[row] as Float64Array)[column] as number;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = at(row, column);
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      (matrix[row] as Float64Array)[column] =
        row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
  }
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) (vector[row] as number) -= at(row, k) * (vector[k] as number);
    (vector[row] as number) /= at(row, row);
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++)
      (vector[row] as number) -= at(k, row) * (vector[k] as number);
    (vector[row] as number) /= at(row, row);
  }
  return vector;
}

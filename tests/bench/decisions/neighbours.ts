/**
 * The nearest of each prompt within its set, computed once for all orders. A row is a list of
 * NEAREST_MAX numbers, nearest first: the cosine in the upper 16 bits, the index in the lower, so
 * that sorting needs no comparator.
 */
/** Of these, those that have arrived and are stored are the candidates. */
const NEAREST_MAX = 1024;
export const PROMPTS_MAX = 1 << 16;

export function rowLength(prompts: number): number {
  return Math.min(NEAREST_MAX, Math.max(prompts - 1, 0));
}

export function fillRow(row: Uint32Array, index: number, vectors: readonly Float32Array[]): void {
  const keys = new Uint32Array(vectors.length);
  const own = vectors[index] as Float32Array;
  for (const [other, vector] of vectors.entries()) {
    const cosine = Math.round(((dot(own, vector) + 1) / 2) * 0xffff);
    keys[other] = ((Math.min(0xffff, Math.max(0, cosine)) << 16) | other) >>> 0;
  }
  keys[index] = 0;
  keys.sort();
  for (let place = 0; place < row.length; place++) {
    row[place] = keys[keys.length - 1 - place] as number;
  }
}

export const indexIn = (key: number): number => key & 0xffff;
export const cosineIn = (key: number): number => ((key >>> 16) / 0xffff) * 2 - 1;

/** Four sums side by side: one alone waits for each addition. */
function dot(left: Float32Array, right: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let index = 0; index + 3 < left.length; index += 4) {
    a += (left[index] as number) * (right[index] as number);
    b += (left[index + 1] as number) * (right[index + 1] as number);
    c += (left[index + 2] as number) * (right[index + 2] as number);
    d += (left[index + 3] as number) * (right[index + 3] as number);
  }
  return a + b + c + d;
}

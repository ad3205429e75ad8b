/**
 * The nearest of each prompt within its set, computed once for all orders. A row is a list of
 * NEAREST_MAX numbers, nearest first: the cosine in the upper 16 bits, the index in the lower, so
 * that sorting needs no comparator.
 */
import { multiply } from '../../../src/cache/similar/matrix.ts';

/** Of these, those that have arrived and are stored are the candidates. */
const NEAREST_MAX = 1024;
export const PROMPTS_MAX = 1 << 16;
/** Cosines of one bin differ by less than 0.002. */
const BIN_BITS = 10;

export function rowLength(prompts: number): number {
  return Math.min(NEAREST_MAX, Math.max(prompts - 1, 0));
}

/** @param vectors  of all prompts, as float64: loops over one kind of number are the fastest */
export function fillRow(row: Uint32Array, index: number, vectors: readonly Float64Array[]): void {
  const cosines = multiply(vectors, vectors[index] as Float64Array);
  const keys = Uint32Array.from(cosines, (value, other) => {
    const cosine = Math.round(((value + 1) / 2) * 0xffff);
    return ((Math.min(0xffff, Math.max(0, cosine)) << 16) | other) >>> 0;
  });
  keys[index] = 0;
  const least = leastBin(keys, row.length + 1);
  const nearest = keys.filter((key) => key >>> (32 - BIN_BITS) >= least).sort();
  for (let place = 0; place < row.length; place++) {
    row[place] = nearest[nearest.length - 1 - place] as number;
  }
}

/** With all above it, it has as many keys as are wanted: sorting those is enough. */
function leastBin(keys: Uint32Array, wanted: number): number {
  const counts = new Uint32Array(1 << BIN_BITS);
  for (const key of keys) (counts[key >>> (32 - BIN_BITS)] as number) += 1;
  let bin = counts.length - 1;
  for (let count = counts[bin] as number; bin > 0 && count < wanted;) {
    bin -= 1;
    count += counts[bin] as number;
  }
  return bin;
}

export const indexIn = (key: number): number => key & 0xffff;
export const cosineIn = (key: number): number => ((key >>> 16) / 0xffff) * 2 - 1;

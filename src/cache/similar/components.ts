/**
 * Principal components of texts: the directions in which those that were seen differ most. A text is its
 * embedder's vector, dense, and beside it the vector of its words, of which all but a few places are
 * zero. Knows no classes.
 *
 * They are found from the products of each two texts (the dual form), because texts are fewer than
 * dimensions, and the products of words cost next to nothing.
 */
import { addTo, dot, multiply, orthonormalize, zeros } from './matrix.ts';
import { WORD_DIMENSIONS, type WordVector } from './terms.ts';
import type { Work } from './work.ts';

export interface Raw {
  readonly vector: Float32Array;
  readonly words: WordVector;
}

export interface Components {
  readonly meaning: readonly Float64Array[];
  /** By word: a text has few. */
  readonly words: readonly Float64Array[];
}

/** Components kept. */
const COMPONENTS_MAX = 192;
/** More texts than this would change the leading directions little. */
export const TEXTS_MAX = 512;

/** By one step of orthogonal iteration, begun with what half of the texts say of all. */
export function* componentsOf(texts: readonly Raw[]): Work<Components> {
  const products = yield* centredProducts(texts);
  const count = Math.min(COMPONENTS_MAX, Math.ceil(texts.length / 2));
  const begun = products.slice(0, count).map((row) => row.slice());
  yield* orthonormalize(begun);
  const mixed: Float64Array[] = [];
  for (const row of begun) {
    mixed.push(multiply(products, row));
    yield products.length ** 2;
  }
  yield* orthonormalize(mixed);
  // Their numbers sum to zero: the texts' mean drops out.
  const dimensions = texts[0]?.vector.length ?? 0;
  const whole = mixed.map(() => new Float64Array(dimensions + WORD_DIMENSIONS));
  for (const [index, { vector, words }] of texts.entries()) {
    const dense = new Float64Array(vector);
    for (const [component, row] of whole.entries()) {
      const share = (mixed[component] as Float64Array)[index] as number;
      addTo(row, dense, share);
      for (let at = 0; at < words.places.length; at++) {
        (row[dimensions + (words.places[at] as number)] as number) +=
          share * (words.values[at] as number);
      }
    }
    yield count * dimensions;
  }
  yield* orthonormalize(whole);
  return {
    meaning: whole.map((row) => row.slice(0, dimensions)),
    words: Array.from({ length: WORD_DIMENSIONS }, (_, place) =>
      Float64Array.from(whole, (row) => row[dimensions + place] as number),
    ),
  };
}

/** Of each two texts, less their mean. */
function* centredProducts(texts: readonly Raw[]): Work<Float64Array[]> {
  const size = texts.length;
  const dense = texts.map(({ vector }) => new Float64Array(vector));
  const products = zeros(size);
  const own = new Float64Array(WORD_DIMENSIONS);
  for (const [row, { words }] of texts.entries()) {
    own.fill(0);
    for (const [at, place] of words.places.entries()) {
      (own[place] as number) += words.values[at] as number;
    }
    const line = products[row] as Float64Array;
    for (let column = 0; column <= row; column++) {
      const { places, values } = (texts[column] as Raw).words;
      let sum = dot(dense[row] as Float64Array, dense[column] as Float64Array);
      for (let at = 0; at < places.length; at++) {
        sum += (own[places[at] as number] as number) * (values[at] as number);
      }
      line[column] = sum;
      (products[column] as Float64Array)[row] = sum;
    }
    yield row * (dense[row] as Float64Array).length;
  }
  const means = Float64Array.from(products, (line) => {
    let sum = 0;
    for (const product of line) sum += product;
    return sum / size;
  });
  let all = 0;
  for (const mean of means) all += mean / size;
  yield size ** 2;
  for (const [row, line] of products.entries()) {
    addTo(line, means, -1);
    const shift = all - (means[row] as number);
    for (let column = 0; column < size; column++) (line[column] as number) += shift;
  }
  yield size ** 2;
  return products;
}

/** One for all: thousands of its size would be most of the garbage. */
let scratch = new Float64Array();

/** What of a text lies in each component. */
export function reduce(
  { meaning, words: byWord }: Components,
  { vector, words }: Raw,
): Float64Array {
  if (scratch.length !== vector.length) scratch = new Float64Array(vector.length);
  scratch.set(vector);
  const reduced = multiply(meaning, scratch);
  for (let at = 0; at < words.places.length; at++) {
    addTo(reduced, byWord[words.places[at] as number] as Float64Array, words.values[at]);
  }
  return reduced;
}

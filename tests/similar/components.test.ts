/** Directions in which texts differ: known beforehand, in meaning and in words. */
import { expect, it } from 'vitest';
import { componentsOf, reduce, type Raw } from '../../src/cache/similar/components.ts';
import { dot } from '../../src/cache/similar/matrix.ts';
import { WORD_DIMENSIONS } from '../../src/cache/similar/terms.ts';
import { finish } from '../../src/cache/similar/work.ts';
import { seeded } from '../bench/decisions/data.ts';

const DIMENSIONS = 24;
const random = seeded(5);
const noise = () => random() - 0.5;

/** All lie far from the origin, and differ most in the first dimension and in word 7. */
function text(): Raw {
  const vector = Float32Array.from({ length: DIMENSIONS }, () => 3 + noise() / 100);
  vector[0] = 3 + 8 * noise();
  return { vector, words: { places: [7, 9], values: [8 * noise(), noise() / 100] } };
}

it('finds what differs, in meaning and in words, and not where all are', () => {
  const texts = Array.from({ length: 60 }, text);
  const components = finish(componentsOf(texts));
  const rows = components.meaning.map((row, index) =>
    Float64Array.from([
      ...row,
      ...Array.from({ length: WORD_DIMENSIONS }, (_, word) => components.words[word]![index]!),
    ]),
  );
  const lengthWithin = (direction: number) =>
    Math.sqrt(rows.reduce((sum, row) => sum + row[direction]! ** 2, 0));
  expect(lengthWithin(0)).toBeCloseTo(1, 3);
  expect(lengthWithin(DIMENSIONS + 7)).toBeCloseTo(1, 3);
  // There are no more directions than that in what was seen.
  const used = rows.filter((row) => dot(row, row) > 0);
  expect(used.length).toBeLessThan(rows.length);
  for (const [a, left] of used.entries()) {
    for (const [b, right] of used.entries()) {
      expect(dot(left, right)).toBeCloseTo(a === b ? 1 : 0, 6);
    }
  }
  // The distance of two texts is kept.
  const [one, other] = [text(), text()];
  const [a, b] = [reduce(components, one), reduce(components, other)];
  const squares = a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0);
  const meaning = (one.vector[0]! - other.vector[0]!) ** 2;
  const words = (one.words.values[0]! - other.words.values[0]!) ** 2;
  expect(squares).toBeCloseTo(meaning + words, 1);
});

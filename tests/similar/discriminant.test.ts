/** Classes of a known shape: centres in a few directions, noise that is much wider in others. */
import { expect, test } from 'vitest';
import { createEvidence, fitDiscriminant } from '../../src/cache/similar/discriminant.ts';
import { addTo, dot } from '../../src/cache/similar/matrix.ts';
import { finish } from '../../src/cache/similar/work.ts';
import { seeded } from '../bench/decisions/data.ts';

const DIMENSIONS = 32;
const random = seeded(7);
/** About normal, of variance 1. */
const noise = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, 0) - 6;
const centre = () => Float64Array.from({ length: DIMENSIONS }, (_, at) => (at < 16 ? noise() : 0));
const around = (middle: Float64Array) =>
  middle.map((value, at) => value + noise() * (at < 16 ? 0.25 : 2));

const classes = Array.from({ length: 60 }, () => {
  const middle = centre();
  return { middle, vectors: Array.from({ length: 5 }, () => around(middle)) };
});
const discriminant = finish(fitDiscriminant(classes.map(({ vectors }) => vectors)));
const evidence = createEvidence(discriminant);
const ofClasses = classes.map(({ vectors }) => {
  const sum = new Float64Array(discriminant.spread.length);
  for (const vector of vectors) addTo(sum, discriminant.project(vector));
  return evidence.of(sum, vectors.length);
});
function oddsFor(vector: Float64Array): number[] {
  const oddsOf = evidence.compare(discriminant.project(vector));
  return ofClasses.map((own) => oddsOf(own));
}
const bestOf = (values: readonly number[]) => values.indexOf(Math.max(...values));
const rightBy = (choose: (vector: Float64Array) => number) =>
  classes.filter(({ middle }, index) => choose(around(middle)) === index).length / classes.length;

test('a new vector is found in its class where the nearest class by cosine is another', () => {
  const cosine = (vector: Float64Array) =>
    bestOf(
      classes.map(({ vectors }) => {
        const sum = new Float64Array(DIMENSIONS);
        for (const own of vectors) addTo(sum, own);
        return dot(sum, vector) / Math.sqrt(dot(sum, sum));
      }),
    );
  expect(rightBy((vector) => bestOf(oddsFor(vector)))).toBeGreaterThan(0.8);
  expect(rightBy(cosine)).toBeLessThan(0.5);
});

test('a vector of no class that was seen has lower odds than one of its class', () => {
  const median = (values: number[]) =>
    values.toSorted((a, b) => a - b)[values.length / 2] as number;
  const own = classes.map(({ middle }) => Math.max(...oddsFor(around(middle))));
  const strange = classes.map(() => Math.max(...oddsFor(around(centre()))));
  expect(own.filter((odds) => odds > median(strange)).length).toBeGreaterThan(0.9 * own.length);
});

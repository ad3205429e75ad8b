/** Linear algebra, held against what defines it. */
import { describe, expect, it } from 'vitest';
import {
  addOuter,
  dot,
  eigenOf,
  inverseCholesky,
  mirror,
  multiply,
  orthonormalize,
  zeros,
} from '../../src/cache/similar/matrix.ts';
import { finish } from '../../src/cache/similar/work.ts';
import { seeded } from '../bench/decisions/data.ts';

const random = seeded(11);
const row = (size: number) => Float64Array.from({ length: size }, () => random() - 0.5);

/** Positive semidefinite, of this rank. */
function scatter(size: number, rank: number): Float64Array[] {
  const rows = zeros(size);
  for (let at = 0; at < rank; at += 1) addOuter(rows, [row(size)]);
  mirror(rows);
  return rows;
}

function expectOrthonormal(rows: readonly Float64Array[]): void {
  for (const [a, left] of rows.entries()) {
    for (const [b, right] of rows.entries()) {
      expect(Math.abs(dot(left, right) - (a === b ? 1 : 0))).toBeLessThan(1e-12);
    }
  }
}

describe('eigenOf', () => {
  it.each([
    [1, 1],
    [2, 2],
    [6, 2],
    [40, 40],
  ])('gives values and vectors of %d dimensions at rank %d, largest first', (size, rank) => {
    const matrix = scatter(size, rank);
    const { values, vectors } = finish(eigenOf(matrix.map((line) => line.slice())));
    for (const [at, vector] of vectors.entries()) {
      for (const [place, value] of multiply(matrix, vector).entries()) {
        expect(Math.abs(value - values[at]! * vector[place]!)).toBeLessThan(1e-12 * size);
      }
    }
    expectOrthonormal(vectors);
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });

  it('ends with equal values, and with none', () => {
    const same = [Float64Array.of(2, 0, 0), Float64Array.of(0, 2, 0), Float64Array.of(0, 0, 2)];
    expect([...finish(eigenOf(same)).values]).toEqual([2, 2, 2]);
    expect([...finish(eigenOf(zeros(3))).values]).toEqual([0, 0, 0]);
    expect([...finish(eigenOf([])).values]).toEqual([]);
  });
});

it('makes rows orthogonal, also one that is nearly the sum of others', () => {
  const rows = [row(12), row(12), row(12)];
  rows.push(rows[0]!.map((value, at) => value + rows[1]![at]! + 1e-9 * random()));
  finish(orthonormalize(rows));
  expectOrthonormal(rows);
});

it('inverts the factor of a matrix, whose rows end at the diagonal', () => {
  const matrix = scatter(9, 20);
  const inverse = finish(inverseCholesky(matrix));
  expect(inverse.map(({ length }) => length)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // L⁻¹·M·L⁻ᵀ is the identity.
  const whitened = inverse.map((line) => multiply(inverse, multiply(matrix, padded(line, 9))));
  for (const [a, line] of whitened.entries()) {
    for (const [b, value] of line.entries()) expect(value).toBeCloseTo(a === b ? 1 : 0, 9);
  }
});

it('adds the products of four vectors as of each alone', () => {
  const vectors = [row(7), row(7), row(7), row(7)];
  const together = zeros(7);
  addOuter(together, vectors, 0.5);
  const alone = zeros(7);
  for (const vector of vectors) addOuter(alone, [vector], 0.5);
  for (const [a, line] of together.entries()) {
    for (const [b, value] of line.entries()) expect(value).toBeCloseTo(alone[a]![b]!, 12);
  }
});

function padded(line: Float64Array, size: number): Float64Array {
  const whole = new Float64Array(size);
  whole.set(line);
  return whole;
}

/** One seed is one schedule: what a violation is reproduced by. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

function story(seed: number): string {
  const hash = createHash('sha256');
  simulate(seed, { trace: (line) => hash.update(`${line}\n`) });
  return hash.digest('hex');
}

test('the same seed tells the same story, whatever ran before', () => {
  const seeds = [0, 1, 77, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER];
  const first = seeds.map(story);
  expect(seeds.toReversed().map(story).toReversed()).toEqual(first);
  expect(new Set(first).size).toBe(seeds.length);
});

test('tracing does not change the schedule', () => {
  for (const seed of [3, 4, 5]) {
    const traced = simulate(seed, { trace: () => {} });
    expect(simulate(seed)).toEqual(traced);
  }
});

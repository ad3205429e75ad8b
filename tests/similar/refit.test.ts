/** Learning the space anew a step at a time: as at once, and until its end as if it had not begun. */
import { setFlagsFromString } from 'node:v8';
import { setImmediate } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  advance,
  createSimilar,
  STEP_COST_MAX,
  type ShelfEntry,
  type Work,
} from '../../src/cache/similar/index.ts';
import { createSpace } from '../../src/cache/similar/space.ts';
import { WORD_DIMENSIONS } from '../../src/cache/similar/terms.ts';
import { seeded } from '../bench/decisions/data.ts';

const CLASSES = 12;
/** Entries at which the second refit is due. */
const SECOND = 60;
/** When that one has failed. */
const BEFORE_THIRD = 80;

function world(dimensions = 16) {
  const random = seeded(3);
  const noise = () => random() - 0.5;
  const centres = Array.from({ length: CLASSES }, () => Array.from({ length: dimensions }, noise));
  let count = 0;
  return (group = count % CLASSES): ShelfEntry => {
    const vector = Float32Array.from(centres[group]!, (at) => at + noise() / 4);
    const length = Math.hypot(...vector);
    return {
      id: String(count++),
      words: [],
      terms: new Uint16Array([count]),
      vector: vector.map((at) => at / length),
      facts: '',
      answer: String(group),
    };
  };
}

interface Proposed {
  readonly id: string | undefined;
  readonly features: readonly number[] | undefined;
}

function engine(refit?: (work: Work<void>) => void) {
  const similar = createSimilar({
    dimensions: 16,
    wrongMax: 0.02,
    random: seeded(1),
    ...(refit ? { refit } : {}),
  });
  const shelf = similar.shelf();
  const stored: ShelfEntry[] = [];
  return {
    add(entry: ShelfEntry) {
      similar.answered(shelf, entry, undefined);
      stored.push(entry);
    },
    propose(entry: ShelfEntry): Proposed {
      const cosine = (of: Float32Array) =>
        of.reduce((sum, x, at) => sum + x * entry.vector[at]!, 0);
      const near = stored
        .map(({ id, vector }) => ({ id, cosine: cosine(vector) }))
        .sort((a, b) => b.cosine - a.cosine);
      const { entry: found, features } = similar.propose(shelf, entry, near.slice(0, 64));
      return { id: found?.id, features };
    },
  };
}

/** The first refit is done at once; what becomes of the next, the caller says. */
function refittedOnce(next: (work: Work<void>) => void) {
  let isFirst = true;
  return engine((work) => {
    if (isFirst) stepsOf(work, Infinity);
    else next(work);
    isFirst = false;
  });
}

/** @returns how many were done */
function stepsOf(work: Work<void>, most: number): number {
  let steps = 0;
  while (steps < most && !advance(work, 1).done) steps += 1;
  return steps;
}

describe('a refit that is driven a step at a time', () => {
  const texts = () => {
    const next = world();
    const stored = Array.from({ length: 600 }, () => next());
    return { stored, asked: Array.from({ length: 50 }, () => next()) };
  };

  test('ends where one at once does', () => {
    const { stored, asked } = texts();
    const atOnce = engine();
    let steps = 0;
    const inSteps = engine((work) => {
      steps += stepsOf(work, Infinity);
    });
    for (const entry of stored) {
      atOnce.add(entry);
      inSteps.add(entry);
    }
    const proposals = asked.map((entry) => inSteps.propose(entry));
    expect(steps).toBeGreaterThan(1000);
    expect(proposals.filter(({ id }) => id !== undefined).length).toBeGreaterThan(30);
    expect(proposals).toEqual(asked.map((entry) => atOnce.propose(entry)));
  });

  test('changes nothing before its end, and then finds what came meanwhile', () => {
    const { stored, asked } = texts();
    const works: Work<void>[] = [];
    const engines = [refittedOnce((work) => works.push(work)), refittedOnce(() => undefined)];
    for (const entry of stored) for (const each of engines) each.add(entry);
    const [held, untouched] = engines.map(
      (each) => () => asked.map((entry) => each.propose(entry)),
    ) as [() => Proposed[], () => Proposed[]];
    expect(works).toHaveLength(1);
    expect(stepsOf(works[0]!, 300)).toBe(300);
    const before = untouched();
    expect(before.filter(({ id }) => id !== undefined).length).toBeGreaterThan(30);
    expect(held()).toEqual(before);

    stepsOf(works[0]!, Infinity);
    const found = held();
    expect(found).not.toEqual(before);
    const late = new Set(stored.slice(SECOND).map(({ id }) => id));
    expect(found.filter(({ id }) => late.has(id ?? '')).length).toBeGreaterThan(10);
    expect(found.flatMap(({ features }) => features ?? []).every(Number.isFinite)).toBe(true);
  });

  test('leaves all as it was when it fails, and is begun anew when more is known', () => {
    const { stored, asked } = texts();
    let begun = 0;
    const failing = refittedOnce((work) => {
      begun += 1;
      expect(stepsOf(work, 200)).toBe(200);
      expect(() => work.throw(new Error('no memory'))).toThrow('no memory');
    });
    const untouched = refittedOnce(() => undefined);
    for (const entry of stored.slice(0, BEFORE_THIRD)) {
      failing.add(entry);
      untouched.add(entry);
    }
    expect(begun).toBe(1);
    expect(asked.map((entry) => failing.propose(entry))).toEqual(
      asked.map((entry) => untouched.propose(entry)),
    );
    for (const entry of stored.slice(BEFORE_THIRD)) failing.add(entry);
    // At 90, 135, 203, 304 and 456.
    expect(begun).toBe(6);
  });

  test('stops often enough, with as many dimensions as embedders have', () => {
    const costs: number[] = [];
    const space = createSpace(512);
    const next = world(512);
    const groups = Array.from({ length: CLASSES }, () => Symbol());
    for (let count = 0; count < 500; count++) {
      const { vector, answer } = next();
      space.observe(vector, groups[Number(answer)]!);
    }
    for (const cost of space.refit()) costs.push(cost);
    expect(Math.max(...costs)).toBeLessThanOrEqual(STEP_COST_MAX);
    // The scatter of the vectors alone.
    const total = costs.reduce((sum, cost) => sum + cost, 0);
    expect(total).toBeGreaterThan((500 * (512 + WORD_DIMENSIONS) ** 2) / 2);
  });
});

test('entries of a shelf that is dropped do not stay in memory for the sample', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const similar = createSimilar({ dimensions: 16, wrongMax: 0.02, random: seeded(1) });
  const next = world();
  const references = (() => {
    const shelf = similar.shelf();
    return Array.from({ length: 20 }, () => {
      const entry = next();
      similar.answered(shelf, entry, undefined);
      return new WeakRef(entry);
    });
  })();
  const left = similar.shelf();
  similar.answered(left, next(), undefined);
  const alive = () => references.filter((each) => each.deref() !== undefined);
  // What a reference was made or looked at for lives until the end of the turn, and what machine code
  // that was replaced still holds a little longer.
  for (let turn = 0; turn < 20; turn += 1) {
    await setImmediate();
    gc();
    if (alive().length === 0) break;
  }
  expect(alive()).toEqual([]);
  expect(similar.policy.shadow).toBe(true);
});

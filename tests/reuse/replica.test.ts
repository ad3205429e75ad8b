/** A process that learns: it never keeps the event loop for long. */
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { STEP_COST_MAX } from '../../src/cache/similar/index.ts';
import type { SimilarRow } from '../../src/db/queries/similar.ts';
import { Replica, STRETCH_COST, textOf } from '../../src/services/reuse/replica.ts';
import { seeded } from '../bench/decisions/data.ts';

const DIMENSIONS = 64;
const CLASSES = 40;
const ENTRIES = 10_000;

function createRows() {
  const random = seeded(5);
  const noise = () => random() - 0.5;
  const centres = Array.from({ length: CLASSES }, () => Array.from({ length: DIMENSIONS }, noise));
  const vectorOf = (group: number) => {
    const vector = Float32Array.from(centres[group]!, (at) => at + noise() / 3);
    const length = Math.hypot(...vector);
    return vector.map((at) => at / length);
  };
  const rowOf = (id: number): SimilarRow => ({
    id,
    source: 'source',
    shelf: 'shelf',
    judge: 'another',
    ownerId: null,
    kind: 'ask',
    score: 0,
    weight: 1,
    features: null,
    isRight: null,
    entryId: null,
    decisionId: 'decision',
    prompt: `wish ${id}`,
    facts: '',
    answer: String(id % CLASSES),
    intent: {},
    tokens: 1,
    votesOnly: false,
    vector: new Uint8Array(vectorOf(id % CLASSES).buffer),
    createdAt: new Date(),
  });
  return { rowOf, vectorOf };
}

const given = { dimensions: DIMENSIONS, wrongMax: 0.02, judge: 'own', ttlMs: 3_600_000 };

it('learns from ten thousand entries in short stretches, and never more between two turns', async () => {
  const { rowOf, vectorOf } = createRows();
  const costs: number[] = [];
  const replica = new Replica(
    {
      ...given,
      random: seeded(1),
      async pause(cost) {
        costs.push(cost);
        await setImmediate();
      },
    },
    0,
  );
  for (let id = 1; id <= ENTRIES; id += 1) {
    replica.apply(rowOf(id));
    if (id % 16 === 0) await setImmediate();
  }
  await replica.refitted;
  expect(Math.max(...costs)).toBeLessThanOrEqual(STRETCH_COST + STEP_COST_MAX);
  expect(costs.length).toBeGreaterThan(20);
  expect(replica.entries).toBe(ENTRIES);

  const right = Array.from({ length: CLASSES }, (_, group) => {
    const text = textOf('a wish', { facts: '', vector: vectorOf(group) });
    return replica.propose('shelf', text, new Date()).stored?.answer === String(group);
  });
  expect(right.filter(Boolean).length).toBeGreaterThan(0.9 * CLASSES);
});

it('leaves the turn in which it has to learn to others', async () => {
  const { rowOf, vectorOf } = createRows();
  const replica = new Replica({ ...given, random: seeded(1) }, 0);
  const isCompared = () => {
    const text = textOf('a wish', { facts: '', vector: vectorOf(1) });
    return replica.propose('shelf', text, new Date()).features !== undefined;
  };
  for (let id = 1; id <= 400; id += 1) replica.apply(rowOf(id));
  // All that needs no turn of the event loop.
  for (let count = 0; count < 10_000; count += 1) await Promise.resolve();
  expect(isCompared()).toBe(false);
  await replica.refitted;
  expect(isCompared()).toBe(true);
});

it('goes on comparing as before when learning fails, and says so', async () => {
  const { rowOf, vectorOf } = createRows();
  const errors: unknown[] = [];
  let broken = false;
  const replica = new Replica(
    {
      ...given,
      random: seeded(1),
      onError: (error) => errors.push(error),
      pause: () => (broken ? Promise.reject(new Error('no turn')) : setImmediate()),
    },
    0,
  );
  const proposals = () =>
    Array.from({ length: CLASSES }, (_, group) => {
      const text = textOf('a wish', { facts: '', vector: vectorOf(group) });
      return replica.propose('shelf', text, new Date()).features;
    });
  for (let id = 1; id <= 160; id += 1) replica.apply(rowOf(id));
  await replica.refitted;
  expect(proposals().some((features) => features !== undefined)).toBe(true);
  broken = true;
  for (let id = 161; id <= 300; id += 1) replica.apply(rowOf(id));
  await replica.refitted;
  expect(errors).toEqual([new Error('no turn')]);
  expect(proposals().some((features) => features !== undefined)).toBe(true);
  broken = false;
  for (let id = 301; id <= 600; id += 1) replica.apply(rowOf(id));
  await replica.refitted;
  expect(errors).toHaveLength(1);
});

/**
 * Every fence, taken away, is found: else it is not a fence, or the simulation is blind to it. And
 * every mutant survives some schedule: it is a bug, not a wreck.
 */
import { describe, expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { FOUND_BY } from './mutants/found-by.ts';
import { MUTANTS } from './mutants/index.ts';
import { createPatchedCopy } from './patched-copy.ts';

/** Tried when the remembered seed no longer tells: schedules change with the simulation. */
const SEEDS_MAX = 5000;
const SURVIVED_OF = 12;
const MINUTE = 60_000;

describe('mutants', () => {
  test('have names of their own', () => {
    const names = MUTANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(25);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  test('change nothing when their code is not there exactly once', async () => {
    const edits = [{ file: 'src/cache/coherence/read.ts', find: 'no such code', replace: '' }];
    await expect(createPatchedCopy({ name: 'gone', why: '', edits })).rejects.toThrow(
      'found 0 times',
    );
  });
});

describe.each(MUTANTS)('without its fence, $name', (mutant) => {
  test('is found, and survives some schedule', { timeout: 5 * MINUTE }, async () => {
    await using copy = await createPatchedCopy(mutant);
    const { simulateUrl } = copy;
    const survived = await runCampaign({ from: 0, count: SURVIVED_OF, simulateUrl, threads: 1 });
    expect(survived.failed.length).toBeLessThan(survived.schedules);
    if (survived.failed.length > 0) return;
    const from = FOUND_BY[mutant.name] ?? 0;
    const remembered = await runCampaign({ from, count: 1, simulateUrl, threads: 1 });
    if (remembered.violations > 0) return;
    const searched = { from: 0, count: SEEDS_MAX, simulateUrl, stopAtViolation: true };
    const { failed } = await runCampaign(searched);
    expect(failed.length, `remembered seed ${from} no longer tells`).toBeGreaterThan(0);
  });
});

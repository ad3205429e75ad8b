/** Fresh schedules each time, and the same ones each time, without a violation. */
import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { EXPECTED } from './coverage.ts';

/** So few that the suite stays short: the long runs are `npm run verify:simulate`. */
const FRESH_SEEDS = 1000;
const FRESH_MS = 15_000;
/** Enough to reach every state and transition of the machine. */
const COVERING_SEEDS = 1_600;

const MINUTE = 60_000;

test('fresh seeds keep the promise', { timeout: 3 * MINUTE }, async () => {
  const from = Date.now();
  const totals = await runCampaign({ from, count: FRESH_SEEDS, forMs: FRESH_MS });
  process.stdout.write(`${totals.schedules} fresh schedules from seed ${from}\n`);
  expect(totals.failed.map(({ seed }) => seed)).toEqual([]);
  expect(totals.schedules).toBeGreaterThan(0);
});

test('every state and transition is reached, and known', { timeout: 3 * MINUTE }, async () => {
  const totals = await runCampaign({ from: 0, count: COVERING_SEEDS });
  expect(totals.failed.map(({ seed }) => seed)).toEqual([]);
  expect([...totals.covered].sort()).toEqual([...EXPECTED].sort());
});

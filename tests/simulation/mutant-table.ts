/**
 * How hard each mutant is to find: from many starting seeds, how many seeds until the first
 * violation. Violating seeds of one long run tell that for every starting seed at once.
 */
import { runCampaign } from './campaign.ts';
import type { Mutant } from './mutants/index.ts';
import { createPatchedCopy } from './patched-copy.ts';
import type { Result } from './simulate.ts';

export interface MutantRow {
  readonly name: string;
  readonly seeds: number;
  /** Share of seeds that violate. */
  readonly share: number;
  readonly median: number;
  /** From 95% of the starting seeds, so many seeds are enough. */
  readonly p95: number;
  readonly worst: number;
  /** Share of starting seeds from which 1,000 seeds are enough. */
  readonly within1000: number;
  readonly kinds: readonly string[];
  /** The first that finds it. */
  readonly seed: number | undefined;
}

export interface MeasureOptions {
  readonly from: number;
  /** Seeds at most; fewer for a mutant that many of them find. */
  readonly count: number;
}

/** Enough to tell how rare they are, to about a fifth. */
const ENOUGH_FOUND = 30;
const BATCH_SEEDS = 250;

export async function measureMutant(mutant: Mutant, options: MeasureOptions): Promise<MutantRow> {
  await using copy = await createPatchedCopy(mutant);
  const { simulateUrl } = copy;
  const failed: Result[] = [];
  let seeds = 0;
  while (seeds < options.count && failed.length < ENOUGH_FOUND) {
    const count = Math.min(BATCH_SEEDS, options.count - seeds);
    const totals = await runCampaign({ from: options.from + seeds, count, simulateUrl });
    failed.push(...totals.failed);
    seeds += count;
  }
  const found = failed.map(({ seed }) => seed - options.from);
  const needed = seedsNeeded(found, seeds);
  const kinds = new Set(failed.map(({ violations }) => violations[0]!.kind));
  return {
    name: mutant.name,
    seeds,
    share: found.length / seeds,
    median: quantile(needed, 0.5),
    p95: quantile(needed, 0.95),
    worst: quantile(needed, 1),
    within1000: needed.filter((count) => count <= 1000).length / Math.max(1, needed.length),
    kinds: [...kinds],
    seed: failed[0]?.seed,
  };
}

/** For every starting seed up to the last violation: how many seeds until the next one. */
function seedsNeeded(found: readonly number[], count: number): number[] {
  const needed: number[] = [];
  let at = 0;
  for (const seed of found) {
    for (; at <= seed; at += 1) needed.push(seed - at + 1);
  }
  // What follows the last violation is known to need more than is left; counted as such if that
  // is already too many, left out otherwise.
  for (; at < count - 1000; at += 1) needed.push(Infinity);
  return needed.sort((x, y) => x - y);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Infinity;
}

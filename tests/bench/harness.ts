/**
 * Measures things beside each other: every round runs each of them once, in turn, so that whatever
 * else the machine does falls on all alike; what is compared is the ratio to the floor within a
 * round. Times are nanoseconds per operation: of the process's CPU for what runs in it, of the
 * clock on the wall for what waits.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Something to be measured: does the operation `times` times. */
export interface Variant {
  readonly name: string;
  run(times: number): Promise<void> | void;
  /** Microseconds of CPU so far, of the process that does the work. Default: this one. */
  cpuUs?(): Promise<number>;
}

export interface Measured {
  readonly name: string;
  /** Median of the rounds. */
  readonly nsPerOperation: number;
  /** Median over the rounds of floor ÷ this one: 1 is as fast as the floor, 0.5 half as fast. */
  readonly ratio: number;
  /** How far from the median half of the rounds' ratios lie at most, as a share of it. */
  readonly spread: number;
}

export interface MeasureOptions {
  /** First of the variants by default: what the others are compared with. */
  readonly floor?: string;
  /** Default 15. */
  readonly rounds?: number;
  /** How long each variant runs in a round; default 30 ms. */
  readonly batchMs?: number;
  /** Default `cpu`. */
  readonly clock?: 'cpu' | 'wall';
}

const ROUNDS = 15;
const BATCH_MS = 30;
/** Batches thrown away, in which code gets compiled. */
const WARM_UP_ROUNDS = 3;
/** Of a batch's size before it is believed. */
const TRIES = 3;
const NS_PER_MS = 1e6;
/** Beyond it the ratio says more about the machine's other work than about the code. */
export const SPREAD_MAX = 0.15;

export async function measure(
  variants: readonly Variant[],
  options: MeasureOptions = {},
): Promise<Measured[]> {
  const { rounds = ROUNDS, batchMs = BATCH_MS, clock = 'cpu' } = options;
  const floor = variants.findIndex(({ name }) => name === (options.floor ?? variants[0]?.name));
  if (floor < 0) throw new Error(`there is no variant ${options.floor} to be the floor`);
  const batches: number[] = [];
  for (const variant of variants) batches.push(await timesFor(variant, batchMs * NS_PER_MS));
  const samples: number[][] = variants.map(() => []);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (let turn = 0; turn < variants.length; turn += 1) {
      // Another one begins each round, so that none always comes after the same neighbour.
      const index = (turn + Math.max(0, round)) % variants.length;
      const ns = await timed(variants[index]!, batches[index]!, clock);
      if (round >= 0) samples[index]!.push(ns);
    }
  }
  return variants.map(({ name }, index) => {
    const own = samples[index]!;
    const ratios = own.map((ns, round) => samples[floor]![round]! / ns);
    const ratio = median(ratios);
    return { name, nsPerOperation: median(own), ratio, spread: deviation(ratios) / ratio };
  });
}

async function timed(variant: Variant, times: number, clock: 'cpu' | 'wall'): Promise<number> {
  // Hits alone never let the event loop turn, and what is to be done now and then (a lease is
  // renewed, a clock is read) would never be.
  await nextTurn();
  if (clock === 'wall') {
    const start = process.hrtime.bigint();
    await variant.run(times);
    return Number(process.hrtime.bigint() - start) / times;
  }
  const cpuUs = variant.cpuUs?.bind(variant) ?? ownCpuUs;
  const before = await cpuUs();
  await variant.run(times);
  return (((await cpuUs()) - before) * 1_000) / times;
}

function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * How often it can be done in about that time, found by doubling. The best of some tries counts: on
 * a busy machine one that was held up would make batches so short that what surrounds them is
 * measured.
 */
async function timesFor(variant: Variant, ns: number): Promise<number> {
  for (let times = 1; ; times *= 2) {
    const tries: number[] = [];
    while (tries.length < TRIES && (tries.at(-1) ?? Infinity) >= ns / 4) {
      tries.push((await timed(variant, times, 'wall')) * times);
    }
    const took = Math.min(...tries);
    if (took >= ns / 4) return Math.max(1, Math.round((times * ns) / took));
  }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** Median absolute deviation: half of the values lie within it of the median. */
export function deviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

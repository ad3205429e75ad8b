/**
 * What the protocol costs as fleets grow, when nothing fails: waiting, messages and statements.
 * Latency is 0.3 ms a hop, keys are written and read evenly.
 */
import { makeCalmPlan } from './plan.ts';
import { createRandom } from './random.ts';
import { createWorld, run } from './simulate.ts';

const SEED = 1;
const FOR_MS = 20_000;
const KEYS = 100;
const READS_PER_SECOND = 2000;

export interface ScaleRow {
  readonly waitMedianMs: number;
  readonly waitP99Ms: number;
  readonly messagesPerWrite: number;
  readonly messagesPerSecond: number;
  readonly statementsPerSecond: number;
  readonly loadsPerSecond: number;
}

export function measureScale(fleet: {
  readonly processes: number;
  readonly writesPerSecond: number;
}): ScaleRow {
  const random = createRandom(SEED);
  const sizes = { keys: KEYS, readsPerSecond: READS_PER_SECOND, forMs: FOR_MS };
  const world = createWorld(random, makeCalmPlan(random, { ...fleet, ...sizes }), {});
  run(world);
  const { counts } = world;
  const waits = counts.writeWaitsMs.toSorted((x, y) => x - y);
  const at = (share: number): number => waits[Math.floor(share * (waits.length - 1))] ?? 0;
  const seconds = FOR_MS / 1000;
  return {
    waitMedianMs: at(0.5),
    waitP99Ms: at(0.99),
    messagesPerWrite: counts.messages / waits.length,
    messagesPerSecond: counts.messages / seconds,
    statementsPerSecond: counts.statements / seconds,
    loadsPerSecond: counts.loads / seconds,
  };
}

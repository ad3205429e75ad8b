/**
 * An ambush on the outbox's trim: one write while a process is cut off, trimmed before it is back.
 * Only the trim mark tells it that it has missed anything.
 */
import { writeNow } from './ambush-parts.ts';
import { readKey } from './client.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** Whether the others trim a row within the lease in which it was written. */
export function trimsEarly({ plan }: World): boolean {
  const { outboxRowsKept, trimLeases, trimShare } = plan.limits;
  return outboxRowsKept === 0 && trimLeases < 0.5 && trimShare > plan.processes;
}

/** At an observation, the last one before it is cut off. */
export function ambushTrim(world: World, victim: Process): number {
  const { random, timeline, weather, plan, keys } = world;
  const key = random.pick(keys);
  const after = (leases: number, act: () => void): void =>
    timeline.after(leases * plan.leaseMs, act);
  const backAt = random.between(0.9, 1.3);
  // Another row would cover up the one that is missed, or move the mark once more.
  world.quietUntilMs = timeline.nowMs() + (backAt + 0.6) * plan.leaseMs;
  world.ambushedUntilMs = world.quietUntilMs;
  readKey(world, victim, key);
  weather.journalCut.add(victim);
  after(0.06, () => weather.databaseCut.add(victim));
  after(0.07, () => writeNow(world, victim, key));
  after(backAt, () => {
    weather.databaseCut.delete(victim);
    weather.journalCut.delete(victim);
  });
  for (let i = 0; i < 8; i += 1) {
    // Without a lease, which it has again a quarter later, it would load what it has missed.
    after(backAt + random.between(0.25, 0.6), () => readKey(world, victim, key));
  }
  return 0;
}

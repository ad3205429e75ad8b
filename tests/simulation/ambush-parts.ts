/** What ambushes are made of. */
import { writeFacts } from './client.ts';
import type { Process } from './process.ts';
import type { KeyPlan } from './workload.ts';
import { living, type World } from './world.ts';

export function strikes(world: World): boolean {
  const { weather, random, plan, timeline } = world;
  if (weather.calm || plan.faults.ambush === 0) return false;
  return timeline.nowMs() >= world.ambushedUntilMs && random.chance(plan.faults.ambush);
}

export function othersThan(world: World, victim: Process): Process[] {
  return living(world).filter((process) => process !== victim && !process.paused);
}

/** Another process writes a fact of the key, at once. */
export function writeNow(world: World, victim: Process, key: KeyPlan): boolean {
  const { random, timeline } = world;
  const others = othersThan(world, victim);
  if (others.length === 0) return false;
  const writer = random.pick(others);
  const facts = [random.pick(key.facts)];
  timeline.after(random.around(1), () =>
    writeFacts(world, writer, { facts, holdMs: random.around(1), bulk: false, rollback: false }),
  );
  return true;
}

/** What the shared store has now, it has again then. */
export function comeBack(world: World, afterMs: number): void {
  world.store.save();
  world.timeline.after(afterMs, () => world.store.restartFromSaved('latest'));
}

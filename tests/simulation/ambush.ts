/**
 * Faults placed where they hurt, instead of at random: a write that the snapshot of a renewal just
 * misses, while the renewing process loses the journal, and what else protects its readers is put
 * to the test: its lease, its clocks, its row among the members.
 */
import { comeBack, othersThan, strikes, writeNow } from './ambush-parts.ts';
import { ambushReset } from './ambush-reset.ts';
import { ambushReuse, reusesXids } from './ambush-reuse.ts';
import { ambushTrim, trimsEarly } from './ambush-trim.ts';
import { readKey } from './client.ts';
import { leave } from './leaving.ts';
import type { Process } from './process.ts';
import type { KeyPlan } from './workload.ts';
import { living, type World } from './world.ts';

/** At the instant of an observation. Returns by how much its reply is late. */
export function ambushRenewal(world: World, victim: Process): number {
  const { random, plan, timeline } = world;
  if (!strikes(world)) return 0;
  const { identity, leaseHeld } = victim.member.status();
  if (leaseHeld && identity !== world.database.identity) return ambushReset(world, victim);
  const key = random.pick(world.keys);
  if (!leaseHeld) return ambushBirth(world, victim, key);
  if (plan.faults.leave > 0 && random.chance(0.2)) {
    // It leaves while the renewal is under way.
    timeline.after(random.around(2), () => leave(world, victim));
    return random.between(0.01, 0.1) * plan.leaseMs;
  }
  if (reusesXids(world)) return ambushReuse(world, victim);
  if (trimsEarly(world) && random.chance(0.3)) return ambushTrim(world, victim);
  if (!random.chance(plan.faults.isolation)) return 0;
  const slowMs = random.chance(0.4) ? random.between(0.02, 0.9) * plan.leaseMs : 0;
  readKey(world, victim, key);
  readKey(world, victim, key);
  if (!writeNow(world, victim, key)) return 0;
  isolate(world, victim, plan.latencyMs * 2);
  if (plan.faults.suspended > 0 && random.chance(0.6)) sleep(world, victim);
  for (let i = 0; i < 12; i += 1) {
    const afterMs = plan.leaseMs * random.between(0.94, 1.06);
    world.timeline.after(afterMs, () => readKey(world, victim, key));
  }
  return slowMs;
}

/** It is (back) on the list only by the beat before: is that early enough for this write? */
function ambushBirth(world: World, victim: Process, key: KeyPlan): number {
  const { random, timeline, plan, weather } = world;
  const others = othersThan(world, victim);
  if (others.length === 0) return 0;
  // Something for it to find in the shared store, perhaps from long ago.
  for (const other of others) readKey(world, other, key);
  if (random.chance(0.2)) world.store.restartFromSaved();
  const slowMs = random.chance(0.8) ? random.between(0.03, 0.4) * plan.leaseMs : 0;
  const writeMs = random.chance(0.7) ? Math.min(20, slowMs / 2) : 0;
  timeline.after(writeMs, () => {
    if (random.chance(0.8)) comeBack(world, slowMs - writeMs);
    writeNow(world, victim, key);
  });
  if (random.chance(0.8)) {
    weather.journalCut.add(victim);
    timeline.after(plan.leaseMs / 2, () => weather.journalCut.delete(victim));
  }
  for (let i = 0; i < 8; i += 1) {
    timeline.after(slowMs + random.around(30), () => readKey(world, victim, key));
  }
  return slowMs;
}

/** Its row is gone: does it still answer from its caches? Returns how late it hears of it. */
export function ambushLeaving(world: World, victim: Process): number {
  const { random, plan } = world;
  if (!strikes(world)) return 0;
  const key = random.pick(world.keys);
  readKey(world, victim, key);
  strike(world, victim, key);
  return random.chance(0.5) ? random.between(0, 0.5) * plan.leaseMs : 0;
}

/**
 * A reaper's request has arrived, for one that only seemed dead. Returns by how much it is held up:
 * time for that one to come back.
 */
export function ambushReaping(world: World, id: string): number {
  const victim = living(world).find((process) => process.id === id);
  if (victim === undefined || !strikes(world)) return 0;
  world.weather.databaseCut.delete(victim);
  const heldMs = world.random.between(0.2, 1.3) * world.plan.leaseMs;
  world.ambushedUntilMs = world.timeline.nowMs() + heldMs;
  return heldMs;
}

export function ambushReaped(world: World, id: string): void {
  const victim = living(world).find((process) => process.id === id);
  if (victim === undefined || world.weather.calm || world.plan.faults.ambush === 0) return;
  strike(world, victim, world.random.pick(world.keys));
}

/**
 * The victim fills its caches; then a write that it does not hear of, and reads there right behind
 * its acknowledgement.
 */
function strike(world: World, victim: Process, key: KeyPlan): void {
  const { random, timeline, weather, plan } = world;
  readKey(world, victim, key);
  weather.journalCut.add(victim);
  timeline.after(plan.leaseMs / 2, () => weather.journalCut.delete(victim));
  const afterMs = random.around(random.chance(0.5) ? 2 : 50);
  timeline.after(afterMs, () => writeNow(world, victim, key));
  for (let i = 0; i < 8; i += 1) {
    timeline.after(afterMs + random.around(40), () => readKey(world, victim, key));
  }
}

function isolate(world: World, victim: Process, afterMs: number): void {
  const { timeline, weather, plan } = world;
  weather.journalCut.add(victim);
  timeline.after(afterMs, () => {
    weather.databaseCut.add(victim);
    timeline.after(plan.leaseMs * 1.2, () => {
      weather.databaseCut.delete(victim);
      weather.journalCut.delete(victim);
    });
  });
}

/** A suspension that the monotonic clock misses, and mostly a jump that hides it from the other. */
function sleep(world: World, victim: Process): void {
  const { random, timeline, plan } = world;
  timeline.after(plan.latencyMs * 4, () => {
    victim.pause(plan.leaseMs * random.between(0.3, 0.98), true);
    if (random.chance(0.7)) victim.jumpWall(-random.between(20_000, 3_600_000));
  });
}

/**
 * Ambushes around a change of database: on one that is about to learn of it, whose flights are
 * under the old name and whose xids are given out again; and on one that the old database's members
 * took for dead.
 */
import { readKey, writeFacts } from './client.ts';
import { comeBack, othersThan, strikes, writeNow } from './ambush-parts.ts';
import { takeOver } from './fail-over.ts';
import type { Process } from './process.ts';
import { living, type World } from './world.ts';

/** It is about to learn that the database is another one. Returns by how much it learns it later. */
export function ambushReset(world: World, victim: Process): number {
  const { random } = world;
  return random.pick([loseStore, answerLate, missReused, missReused, writeUnaware])(world, victim);
}

/** What is on its way from the store is of the old database; the store may be, too. */
function loseStore(world: World, victim: Process): number {
  const { random, timeline } = world;
  if (random.chance(0.5)) {
    world.store.restartFromSaved();
    victim.evict();
  }
  victim.slowStoreMs = random.between(5, 80);
  for (const key of world.keys) readKey(world, victim, key);
  timeline.after(10, () => (victim.slowStoreMs = 0));
  return 0;
}

/** It writes to the new database while it still believes in the old one. */
function writeUnaware(world: World, victim: Process): number {
  const { random, plan } = world;
  const facts = [random.below(plan.facts)];
  writeFacts(world, victim, { facts, holdMs: random.around(1), bulk: false, rollback: false });
  return random.between(0.02, 0.2) * plan.leaseMs;
}

/**
 * It learns so late that its next renewal comes at once: what it asks the store for just before, by
 * the old name, arrives when it has a lease again.
 */
function answerLate(world: World, victim: Process): number {
  const { random, timeline, plan } = world;
  const slowMs = plan.leaseMs * random.between(0.25, 0.32);
  // A write of its own would tell it too soon, one of others later would cover up what it keeps.
  world.quietUntilMs = timeline.nowMs() + slowMs + plan.leaseMs / 2;
  world.ambushedUntilMs = world.quietUntilMs;
  for (const key of world.keys)
    timeline.after(random.around(50), () => writeNow(world, victim, key));
  timeline.after(slowMs - random.between(1, 10), () => {
    victim.evict();
    victim.slowStoreMs = random.between(10, 110);
    for (const key of world.keys) readKey(world, victim, key);
    timeline.after(30, () => (victim.slowStoreMs = 0));
  });
  for (const key of world.keys) {
    for (let i = 0; i < 6; i += 1) {
      timeline.after(slowMs + plan.leaseMs * random.between(0.1, 0.6), () =>
        readKey(world, victim, key),
      );
    }
  }
  return slowMs;
}

/**
 * The new database gives an xid out again. The victim learns of it later than the others, and of
 * the write with that xid by no journal; it finds an entry from before that write in the shared
 * store, and nothing else is written that would cover it up.
 */
function missReused(world: World, victim: Process): number {
  const { random, timeline, weather, plan } = world;
  const key = random.pick(world.keys);
  const at = (leases: number, act: () => void): void => timeline.after(leases * plan.leaseMs, act);
  const look = (fromLeases: number, toLeases: number): void => {
    for (let i = 0; i < 6; i += 1) {
      at(random.between(fromLeases, toLeases), () => readKey(world, victim, key));
    }
  };
  world.quietUntilMs = timeline.nowMs() + plan.leaseMs * 1.7;
  world.ambushedUntilMs = world.quietUntilMs;
  weather.journalCut.add(victim);
  at(1.7, () => weather.journalCut.delete(victim));
  // By writing to it they learn of the new database, and have a lease there a renewal later.
  for (const other of othersThan(world, victim)) {
    const facts = [random.pick(key.facts)];
    writeFacts(world, other, { facts, holdMs: 1, bulk: false, rollback: false });
    for (const leases of [0.3, 0.34, 0.38]) at(leases, () => readKey(world, other, key));
  }
  at(0.4, () => writeNow(world, victim, key));
  at(0.4, () => comeBack(world, 0.025 * plan.leaseMs));
  look(0.43, 0.55);
  look(1.4, 1.6);
  return 0.42 * plan.leaseMs;
}

/**
 * A member is to be taken off the list, and comes back; then a replica takes over that still has
 * its old beat. Returns how long the reaper's statement waits for a connection: until then.
 */
export function ambushBurial(world: World, id: string): number {
  const { random, timeline, weather, plan, database } = world;
  const { failOver, lossy, rewind } = plan.faults;
  const victim = living(world).find((process) => process.id === id);
  if (victim === undefined || failOver <= 0 || !lossy || rewind || !strikes(world)) return 0;
  const image = database.image();
  const { epoch } = database;
  const backMs = plan.leaseMs * 0.3;
  world.ambushedUntilMs = timeline.nowMs() + plan.leaseMs;
  weather.databaseCut.delete(victim);
  const key = random.pick(world.keys);
  for (let i = 0; i < 3; i += 1) timeline.after(backMs - 20 * i, () => readKey(world, victim, key));
  timeline.after(backMs + 20, () => {
    if (database.epoch !== epoch || !weather.databaseUp || weather.calm) return;
    takeOver(world, { image, rewind: false, downMs: 5 });
    weather.databaseCut.add(victim);
    timeline.after(plan.leaseMs * 2, () => weather.databaseCut.delete(victim));
  });
  const afterMs = backMs + 50;
  for (let i = 0; i < 3; i += 1) {
    timeline.after(afterMs + 20 + random.around(50), () => writeNow(world, victim, key));
  }
  for (let i = 0; i < 12; i += 1) {
    timeline.after(afterMs + random.around(plan.leaseMs / 4), () => readKey(world, victim, key));
  }
  return afterMs;
}

/**
 * Liveness: once faults have ended, everything that waited has come to an end, leases are held, the
 * dead are off the list, and caches answer again.
 */
import { readKey } from './client.ts';
import type { Process } from './process.ts';
import type { KeyPlan } from './workload.ts';
import { living, type World } from './world.ts';

/** Until the dead are reaped and everybody holds a lease. */
const SETTLE_LEASES = 4;
/** The longest pause, a long transaction, or a read's last attempt at an overrun source. */
const SETTLE_LEASES_MAX = 20;

export function checkRecovery(world: World): void {
  const { weather, timeline, store, plan, checker, keys } = world;
  weather.calm = true;
  weather.databaseSlowness = 1;
  weather.databaseCut.clear();
  weather.journalCut.clear();
  store.heal();
  if (living(world).length === 0) world.startProcess(0);
  const endMs = timeline.nowMs();
  timeline.runUntil(endMs + SETTLE_LEASES * plan.leaseMs);
  const giveUpMs = endMs + SETTLE_LEASES_MAX * plan.leaseMs;
  // A straggler may come in any lease, so what is looked at is a moment when all is done.
  do timeline.runUntil(timeline.nowMs() + plan.leaseMs);
  while ((living(world).some(busy) || !listedRightly(world)) && timeline.nowMs() < giveUpMs);
  const alive = living(world);
  for (const process of alive) {
    const status = process.member.status();
    const { leaseHeld } = status;
    if (busy(process)) {
      checker.fail('liveness', `${process.id} has not finished: ${JSON.stringify(status)}`);
    }
    if (!leaseHeld) checker.fail('liveness', `${process.id} has no lease again`);
  }
  if (!listedRightly(world)) {
    checker.fail('liveness', `members: ${world.database.memberIds.join()}, not who is alive`);
  }
  const { uncacheable, capped, bypass } = plan.freshness;
  if (uncacheable > 0 || capped > 0 || bypass > 0 || plan.limits.l1Max > 0) return;
  for (const process of alive) {
    for (const key of keys) {
      if (plan.freshness.ttlMs > 10_000 && !keeps(world, process, key)) {
        checker.fail('liveness', `${process.id} does not keep ${key.name}`);
      }
    }
  }
}

/** A write may still come between a read and the next one: the last long transaction's. */
const ATTEMPTS = 3;

function keeps(world: World, process: Process, key: KeyPlan): boolean {
  for (let i = 0; i < ATTEMPTS; i += 1) {
    readKey(world, process, key);
    finishReads(world, process);
    if (process.member.hit(key.name) !== undefined) return true;
  }
  return false;
}

/** The living are on the list, the dead are off it. */
function listedRightly(world: World): boolean {
  const listed = new Set(world.database.memberIds);
  const alive = living(world);
  return listed.size === alive.length && alive.every(({ id }) => listed.has(id));
}

function busy(process: Process): boolean {
  const { flights, loads, queuedLoads, pendingWrites } = process.member.status();
  const inside = flights + loads + queuedLoads + pendingWrites;
  return inside + process.openReads + process.openWrites > 0;
}

function finishReads(world: World, process: Process): void {
  const { timeline, plan } = world;
  const giveUpMs = timeline.nowMs() + plan.freshness.loadTimeoutMs + plan.leaseMs;
  do timeline.runUntil(timeline.nowMs() + 5);
  while (busy(process) && timeline.nowMs() < giveUpMs);
}

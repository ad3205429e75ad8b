/**
 * An ambush on answers: a fail-over loses writes whose answers are still on their way, and the same
 * process gets one of their xids again. Whoever answered knows nothing of the new write.
 */
import { othersThan } from './ambush-parts.ts';
import { readKey, writeFacts } from './client.ts';
import { takeOver } from './fail-over.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** Of the ambushes on a renewal, where fail-overs lose commits: each costs the seed a fail-over. */
const SHARE = 0.02;
/** So many that a few beats in between don't take the xids that are wanted. */
const LOST_WRITES = 6;

export function reusesXids(world: World): boolean {
  const { failOver, lossy, rewind, databaseCut } = world.plan.faults;
  // Where members are cut off, the take-overs are for those that seem dead (ambushBurial).
  return failOver > 0 && lossy && !rewind && databaseCut === 0 && world.random.chance(SHARE);
}

/** Right behind a renewal of the victim: until its next one it believes in the old database. */
export function ambushReuse(world: World, victim: Process): number {
  const { random, timeline, weather, plan, database } = world;
  const others = othersThan(world, victim);
  if (others.length === 0) return 0;
  const writer = random.pick(others);
  const key = random.pick(world.keys);
  const write = (): void => {
    const facts = [random.pick(key.facts)];
    writeFacts(world, writer, { facts, holdMs: 0.5, bulk: false, rollback: false });
  };
  const look = (): void => readKey(world, victim, key);
  const { epoch } = database;
  const image = database.image();
  const hopMs = 4 * plan.latencyMs;
  const lostMs = 4 * hopMs + random.between(5, 30);
  const againMs = lostMs + 10;
  const answeredMs = againMs + 2 * hopMs + random.between(5, 60);
  world.quietUntilMs = timeline.nowMs() + plan.leaseMs / 2;
  world.ambushedUntilMs = world.quietUntilMs;
  world.answersHeldUntilMs = timeline.nowMs() + answeredMs;
  for (let i = 0; i < LOST_WRITES; i += 1) write();
  // It has answered, and fills its caches again before the database is lost.
  for (const afterMs of [3 * hopMs, 3.5 * hopMs]) timeline.after(afterMs, look);
  timeline.after(lostMs, () => {
    if (database.epoch !== epoch || !weather.databaseUp || weather.calm) return;
    weather.journalCut.add(victim);
    timeline.after(plan.leaseMs, () => weather.journalCut.delete(victim));
    takeOver(world, { image, rewind: false, downMs: 5 });
    timeline.after(againMs - lostMs, write);
  });
  for (let i = 0; i < 8; i += 1) timeline.after(answeredMs + random.between(1, 150), look);
  return 0;
}

/** Another server takes over: with everything, without the last commits, or from an earlier copy. */
import type { DatabaseImage } from './database.ts';
import type { World } from './world.ts';

export interface TakeOver {
  /** What the next server has; everything without it. */
  readonly image: DatabaseImage | undefined;
  /** An earlier copy put back in place, under the old name. */
  readonly rewind: boolean;
  readonly downMs: number;
}

/** The primary is lost now, and the next one is there after `downMs`. */
export function takeOver(world: World, { image, rewind, downMs }: TakeOver): void {
  const { database, weather, timeline, checker, random, plan } = world;
  const taken = image ?? database.image();
  const diedMs = timeline.nowMs();
  database.crash();
  weather.databaseUp = false;
  world.trace?.(`database lost (lossy ${image !== undefined}, rewind ${rewind})`);
  timeline.after(downMs, () => {
    database.promote(taken, rewind);
    checker.wentBack(taken.facts, diedMs);
    weather.databaseUp = true;
    // Who writes learns at once that the database is another one; ambushes wait for those who don't.
    const ambushed = plan.faults.ambush > 0 && random.chance(0.8);
    const quietMs = rewind ? 2000 : ambushed ? plan.leaseMs / 4 : 0;
    world.quietUntilMs = Math.max(world.quietUntilMs, timeline.nowMs() + quietMs);
    world.trace?.(`database is ${database.identity}`);
  });
}

/**
 * Everything that goes wrong, each kind at its own rate, until the weather is declared calm.
 */
import { takeOver } from './fail-over.ts';
import { leave, rise } from './leaving.ts';
import type { Process } from './process.ts';
import { living, type World } from './world.ts';

export function startFaults(world: World): void {
  const { faults } = world.plan;
  often(world, faults.pause, () => pauseOne(world));
  often(world, faults.wallJump, () => jumpWall(world));
  often(world, faults.crash, () => crashOne(world));
  often(world, faults.leave, () => leaveOne(world));
  often(world, faults.replace, () => replaceOne(world));
  often(world, faults.databaseCrash, () => crashDatabase(world));
  often(world, faults.failOver, () => failOver(world));
  often(world, faults.databaseSlow, () => slowDatabase(world));
  often(world, faults.databaseCut, () => cut(world, world.weather.databaseCut));
  often(world, faults.journalCut, () => cut(world, world.weather.journalCut));
  often(world, faults.databaseClock, () => {
    world.database.clockOffsetMs += world.random.between(-10_000, 10_000);
  });
  if (world.plan.store) often(world, faults.storeFault, () => breakStore(world));
}

function often(world: World, everyMs: number, act: () => void): void {
  if (everyMs <= 0) return;
  world.timeline.after(world.random.around(everyMs), () => {
    if (world.weather.calm) return;
    act();
    often(world, everyMs, act);
  });
}

function anyProcess(world: World): Process | undefined {
  const alive = living(world);
  return alive.length === 0 ? undefined : world.random.pick(alive);
}

function pauseOne(world: World): void {
  const { pauseMs, suspended } = world.plan.faults;
  const { random } = world;
  anyProcess(world)?.pause(random.between(0.2, 2) * pauseMs, random.chance(suspended));
}

/**
 * With suspensions about, the wall clock only jumps far back: a jump that equals a suspension hides
 * it from both clocks, which is not promised.
 */
function jumpWall(world: World): void {
  const { random, plan } = world;
  const far = random.between(20_000, 3_600_000);
  const near = random.pick([-1, 1]) * random.between(30, 5000);
  const byMs = plan.faults.suspended > 0 ? -far : random.chance(0.3) ? -far : near;
  anyProcess(world)?.jumpWall(byMs);
  world.trace?.(`a wall clock jumps by ${byMs.toFixed(0)} ms`);
}

function crashOne(world: World): void {
  const process = anyProcess(world);
  if (process === undefined) return;
  process.die();
  rise(world, process.slot);
}

function leaveOne(world: World): void {
  const process = anyProcess(world);
  if (process !== undefined) leave(world, process);
}

const PROCESSES_MAX = 6;

/** An orchestrator takes a process for dead and starts another; the first one comes back. */
function replaceOne(world: World): void {
  const process = anyProcess(world);
  if (process === undefined || process.paused || living(world).length >= PROCESSES_MAX) return;
  const { random, timeline } = world;
  process.pause(random.between(200, 1800), false);
  world.startProcess(process.slot);
  timeline.after(random.between(2000, 5000), () => process.die());
}

function crashDatabase(world: World): void {
  const { database, weather, random, timeline } = world;
  if (!weather.databaseUp) return;
  world.trace?.('database crashed');
  database.crash();
  weather.databaseUp = false;
  timeline.after(random.between(100, 3000), () => (weather.databaseUp = true));
}

/** To a replica that has everything, or lacks the last commits; or back to an earlier copy. */
function failOver(world: World): void {
  const { database, weather, random, timeline, plan } = world;
  const { lossy, rewind } = plan.faults;
  if (rewind && database.epoch > 0) return;
  const image = lossy || rewind ? database.image() : undefined;
  const { epoch } = database;
  const lagMs = rewind ? random.between(2500, 5000) : random.between(0.3, 1) * plan.faults.lagMs;
  timeline.after(image === undefined ? 0 : lagMs, () => {
    if (!weather.databaseUp || weather.calm || database.epoch !== epoch) return;
    const downMs = rewind
      ? random.between(1.3, 2) * plan.leaseMs
      : random.between(5, plan.faults.downMs);
    takeOver(world, { image, rewind, downMs });
  });
}

function slowDatabase(world: World): void {
  const { weather, random, timeline } = world;
  weather.databaseSlowness = random.between(3, 100);
  timeline.after(random.between(300, 3000), () => (weather.databaseSlowness = 1));
}

function cut(world: World, from: Set<Process>): void {
  const process = anyProcess(world);
  if (process === undefined) return;
  from.add(process);
  const forMs = world.random.between(50, world.random.chance(0.7) ? 3500 : 8000);
  world.timeline.after(forMs, () => from.delete(process));
}

function breakStore(world: World): void {
  const { store, random } = world;
  const ids = living(world).map(({ id }) => id);
  store.save();
  random.pick([
    () => store.restartEmpty(),
    () => store.restartFromSaved(),
    () => store.replicate(),
    () => store.failOver(),
    () => store.split(ids),
    () => store.heal(),
    () => store.evictSome(),
  ])();
}

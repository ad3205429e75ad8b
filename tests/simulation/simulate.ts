/**
 * One schedule: builds a world from a seed, lets clients and faults loose in it, then heals it and
 * looks whether everything works again. The same seed gives the same schedule, event by event.
 */
import { Checker, type Violation } from './checker.ts';
import { readKey, writeBehind, writeFacts, type WritePlanned } from './client.ts';
import { Database } from './database.ts';
import { startFaults } from './faults.ts';
import { focus } from './focus.ts';
import { createJournal } from './journal.ts';
import { checkRecovery } from './recovery.ts';
import { makePlan, type Plan } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import { SharedStore } from './shared-store.ts';
import { startProcess } from './start-process.ts';
import { createTimeline } from './timeline.ts';
import { makeKeys } from './workload.ts';
import { living, type World } from './world.ts';

export interface SimulateOptions {
  readonly cover?: (name: string) => void;
  /** Gets every line of the schedule's story. Slow. */
  readonly trace?: (line: string) => void;
}

export interface Result {
  readonly seed: number;
  readonly reads: number;
  readonly writes: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly violations: readonly Violation[];
}

export function simulate(seed: number, options: SimulateOptions = {}): Result {
  const random = createRandom(seed);
  const world = createWorld(random, focus(random, makePlan(random)), options);
  const { timeline, checker } = world;
  run(world);
  checkRecovery(world);
  return {
    seed,
    reads: checker.readsChecked,
    writes: checker.writesChecked,
    steps: timeline.steps,
    simulatedMs: timeline.nowMs(),
    violations: checker.violations,
  };
}

/** Until the plan's busy time is over. */
export function run(world: World): void {
  const { plan, timeline } = world;
  for (let slot = 0; slot < plan.processes; slot += 1) world.startProcess(slot);
  startClients(world);
  startFaults(world);
  timeline.runUntil(plan.busyMs);
}

export function createWorld(random: Random, plan: Plan, options: SimulateOptions): World {
  const timeline = createTimeline();
  const nowMs = timeline.nowMs;
  const trace = options.trace === undefined ? undefined : stamped(options.trace, nowMs);
  trace?.(JSON.stringify(plan));
  const checker = new Checker(plan, { nowMs, trace });
  const database: Database = new Database(plan.facts, {
    nowMs,
    onCommit: (commit) => {
      checker.committed(commit);
      trace?.(`commit ${JSON.stringify(commit)}`);
      timeline.after(plan.leaseMs, () => checker.mustShow(commit));
    },
  });
  const world: World = {
    plan,
    random,
    timeline,
    database,
    store: new SharedStore(random, nowMs),
    journal: createJournal(),
    checker,
    keys: makeKeys(plan, random),
    weather: {
      databaseUp: true,
      databaseSlowness: 1,
      databaseCut: new Set(),
      journalCut: new Set(),
      calm: false,
    },
    processes: [],
    startProcess: (slot) => startProcess(world, slot),
    cover: options.cover ?? (() => {}),
    trace,
    loadsActive: 0,
    counts: { statements: 0, messages: 0, loads: 0, writeWaitsMs: [] },
    quietUntilMs: 0,
    ambushedUntilMs: 0,
    answersHeldUntilMs: 0,
  };
  return world;
}

function stamped(trace: (line: string) => void, nowMs: () => number): (line: string) => void {
  return (line) => trace(`${nowMs().toFixed(2).padStart(9)} ${line}`);
}

function startClients(world: World): void {
  const { plan, random, timeline, weather, keys } = world;
  const reading = (): void => {
    if (weather.calm) return;
    const alive = living(world);
    if (alive.length > 0) readKey(world, random.pick(alive), random.pick(keys));
    timeline.after(random.around(plan.readEveryMs), reading);
  };
  const writing = (): void => {
    if (weather.calm) return;
    if (timeline.nowMs() >= world.quietUntilMs) writeSomewhere(world);
    timeline.after(random.around(plan.writeEveryMs), writing);
  };
  timeline.after(random.between(0, 300), reading);
  timeline.after(random.between(0, 500), writing);
}

function writeSomewhere(world: World): void {
  const { plan, random } = world;
  const write = planWrite(plan, world);
  if (random.chance(plan.writes.external)) {
    writeBehind(world, write);
    return;
  }
  const able = living(world).filter((process) => !process.leaving);
  if (able.length > 0) writeFacts(world, random.pick(able), write);
}

function planWrite(plan: Plan, world: World): WritePlanned {
  const { random } = world;
  const first = random.below(plan.facts);
  const facts = [first];
  if (random.chance(plan.writes.multi)) {
    for (let fact = 0; fact < plan.facts; fact += 1) {
      if (fact !== first && random.chance(0.4)) facts.push(fact);
    }
  }
  return {
    facts,
    holdMs: random.chance(plan.writes.long) ? random.between(500, 8000) : random.around(5),
    bulk: random.chance(plan.writes.bulk),
    rollback: random.chance(plan.writes.rollback),
  };
}

/**
 * What all parts of one simulated world share. Built by simulate.ts, changed by faults.ts.
 */
import type { Checker } from './checker.ts';
import type { Database } from './database.ts';
import type { Journal } from './journal.ts';
import type { Plan } from './plan.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { SharedStore } from './shared-store.ts';
import type { Timeline } from './timeline.ts';
import type { KeyPlan } from './workload.ts';

export interface World {
  readonly plan: Plan;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly database: Database;
  readonly store: SharedStore;
  readonly journal: Journal;
  readonly checker: Checker;
  readonly weather: Weather;
  /** Every process that ever lived, in order of birth; the dead are marked. */
  readonly processes: Process[];
  /** A new process, with a new id; a part of the world, since processes also end each other. */
  readonly startProcess: (slot: number) => void;
  readonly cover: (name: string) => void;
  readonly trace: ((line: string) => void) | undefined;
  readonly keys: readonly KeyPlan[];
  /** No client writes before this. */
  quietUntilMs: number;
  /** No other ambush before this: one is under way that they would spoil. */
  ambushedUntilMs: number;
  /** Answers that are sent before this arrive then. */
  answersHeldUntilMs: number;
  /** Loads running at the source now. */
  loadsActive: number;
  readonly counts: Counts;
}

/** What the protocol costs. */
export interface Counts {
  /** Of the directory: renewals, member lists, reaping, trimming. */
  statements: number;
  /** Deliveries, answers included. */
  messages: number;
  loads: number;
  readonly writeWaitsMs: number[];
}

/** The state of networks and servers. */
export interface Weather {
  databaseUp: boolean;
  databaseSlowness: number;
  readonly databaseCut: Set<Process>;
  readonly journalCut: Set<Process>;
  /** Faults are over. */
  calm: boolean;
}

export function living(world: World): Process[] {
  return world.processes.filter((process) => process.alive);
}

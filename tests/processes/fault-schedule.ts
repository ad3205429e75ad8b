/**
 * When which fault happens: kinds are dealt like cards, so that a short run has many of them, at
 * random times and several at once. The seed decides what is dealt and for how long; the machine
 * decides what the processes are doing just then, so a seed makes a run alike and not the same.
 */
import type { Random } from '../simulation/random.ts';
import type { FaultKind, FaultScene } from './fault-kinds.ts';
import type { FaultLog } from './fault-log.ts';
import { FAULT_EVERY_MS, FAULTS_ACTIVE_MAX } from './settings.ts';

export interface FaultScheduleOptions {
  readonly kinds: readonly FaultKind[];
  readonly scene: FaultScene;
  readonly log: FaultLog;
  readonly random: Random;
  /** A fault that could not be done or undone: the run means nothing any more. */
  readonly onError: (error: Error) => void;
  readonly stopped: () => boolean;
}

/** A fault lasts seconds; one that is not over by then hangs. */
const FAULT_MS_MAX = 60_000;

/** Resolves when all faults are healed, after `stopped`. */
export async function runFaults(options: FaultScheduleOptions): Promise<void> {
  const { kinds, scene, random, stopped } = options;
  const running = new Map<string, Promise<void>>();
  let deck: FaultKind[] = [];
  while (!stopped()) {
    await scene.last(random.around(FAULT_EVERY_MS));
    if (stopped()) break;
    if (running.size >= FAULTS_ACTIVE_MAX) continue;
    if (deck.length === 0) deck = shuffled(kinds, random);
    const slot = random.below(scene.processes.length);
    const free = (kind: FaultKind): boolean => !running.has(targetOf(kind, slot));
    const kind = deck.find(free);
    if (kind === undefined) continue;
    deck.splice(deck.indexOf(kind), 1);
    const target = targetOf(kind, slot);
    const done = inflict(options, kind, slot).finally(() => running.delete(target));
    running.set(target, done);
  }
  await Promise.all(running.values());
}

async function inflict(
  { scene, log, random, onError }: FaultScheduleOptions,
  kind: FaultKind,
  slot: number,
): Promise<void> {
  const ms = random.between(kind.msMin, kind.msMax);
  const all = scene.processes.map((_, index) => index);
  const itself = kind.whom === 'all' ? all : [slot];
  const note = log.begin({
    kind: kind.name,
    touches: kind.touchesLease ? itself : [],
    watched: { it: itself, all, others: all.filter((other) => other !== slot) }[kind.watched],
    detail: kind.whom === 'all' ? '' : `of process ${slot}`,
  });
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not end')), FAULT_MS_MAX);
  });
  try {
    await Promise.race([kind.run(scene, { slot, ms }), tooLong]);
  } catch (error) {
    onError(new Error(`the fault ${kind.name} failed: ${String(error)}`, { cause: error }));
  } finally {
    clearTimeout(timer);
    note.endedMs = performance.now();
  }
}

function targetOf({ target, whom }: FaultKind, slot: number): string {
  return whom === 'all' ? target : `${target}-${slot}`;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]!);
}

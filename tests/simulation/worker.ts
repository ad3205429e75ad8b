/**
 * Runs schedules in a thread of its own. Gets a module to run and a range of seeds, posts progress
 * and, at the end of the range or at the first violation if asked so, what it found.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Result, SimulateOptions } from './simulate.ts';

export interface Job {
  /** Of the simulate.ts to run: the original, or a mutant's copy. */
  readonly simulateUrl: string;
}

export interface Range {
  readonly from: number;
  readonly count: number;
  readonly stopAtViolation: boolean;
}

export interface Report {
  readonly schedules: number;
  readonly reads: number;
  readonly writes: number;
  readonly simulatedMs: number;
  readonly violations: number;
  readonly failed: readonly Result[];
  readonly covered: readonly string[];
}

// Simulated failures are errors by the thousand; nobody reads their stacks.
Error.stackTraceLimit = 0;

const { simulateUrl } = workerData as Job;
const { simulate } = (await import(simulateUrl)) as {
  simulate: (seed: number, options: SimulateOptions) => Result;
};

function runRange(range: Range): Report {
  const covered = new Set<string>();
  const failed: Result[] = [];
  let [schedules, reads, writes, simulatedMs, violations] = [0, 0, 0, 0, 0];
  for (let seed = range.from; seed < range.from + range.count; seed += 1) {
    const result = simulate(seed, { cover: (name) => covered.add(name) });
    schedules += 1;
    reads += result.reads;
    writes += result.writes;
    simulatedMs += result.simulatedMs;
    violations += result.violations.length;
    if (result.violations.length === 0) continue;
    failed.push(result);
    if (range.stopAtViolation) break;
  }
  return { schedules, reads, writes, simulatedMs, violations, failed, covered: [...covered] };
}

parentPort!.on('message', (range: Range) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage(runRange(range));
});

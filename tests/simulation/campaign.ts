/**
 * Many seeds on all cores: deals small ranges to worker threads and adds up what they report. With
 * `stopAtViolation` the earliest violating seed is the one reported, whichever thread finds one
 * first.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Result } from './simulate.ts';
import type { Job, Range, Report } from './worker.ts';

/** Small, so that threads end together and a violation stops the others soon. */
const RANGE_SEEDS = 25;
const THREADS_MAX = 16;

const ORIGINAL_URL = new URL('./simulate.ts', import.meta.url).href;

export interface CampaignOptions {
  readonly from: number;
  readonly count: number;
  readonly simulateUrl?: string;
  readonly stopAtViolation?: boolean;
  readonly threads?: number;
  /** Stop dealing after so long; for runs bounded by time. */
  readonly forMs?: number;
  readonly progress?: (totals: Totals) => void;
}

export interface Totals {
  readonly schedules: number;
  readonly reads: number;
  readonly writes: number;
  readonly simulatedMs: number;
  readonly violations: number;
  /** Violating schedules, by seed. */
  readonly failed: readonly Result[];
  readonly covered: ReadonlySet<string>;
}

const NOTHING: Totals = {
  schedules: 0,
  reads: 0,
  writes: 0,
  simulatedMs: 0,
  violations: 0,
  failed: [],
  covered: new Set(),
};

export async function runCampaign(options: CampaignOptions): Promise<Totals> {
  const { from, count, stopAtViolation = false, simulateUrl = ORIGINAL_URL } = options;
  const endsAtMs = performance.now() + (options.forMs ?? Infinity);
  let next = from;
  let totals = NOTHING;
  const deal = (): Range | undefined => {
    const done = next >= from + count || performance.now() >= endsAtMs;
    if (done || (stopAtViolation && totals.failed.length > 0)) return undefined;
    const size = Math.min(RANGE_SEEDS, from + count - next);
    const range: Range = { from: next, count: size, stopAtViolation };
    next += size;
    return range;
  };
  const gather = (report: Report): void => {
    totals = add(totals, report);
    options.progress?.(totals);
  };
  const threads = Math.min(options.threads ?? availableParallelism(), THREADS_MAX);
  const work: Promise<void>[] = [];
  for (let i = 0; i < threads; i += 1) work.push(runThread({ simulateUrl }, deal, gather));
  await Promise.all(work);
  return totals;
}

function runThread(
  job: Job,
  deal: () => Range | undefined,
  gather: (report: Report) => void,
): Promise<void> {
  const first = deal();
  if (first === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: job });
    const send = (range: Range): void => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(range);
    };
    worker.on('error', reject);
    worker.on('message', (report: Report) => {
      gather(report);
      const range = deal();
      if (range !== undefined) send(range);
      else void worker.terminate().then(() => resolve(), reject);
    });
    send(first);
  });
}

function add(totals: Totals, report: Report): Totals {
  return {
    schedules: totals.schedules + report.schedules,
    reads: totals.reads + report.reads,
    writes: totals.writes + report.writes,
    simulatedMs: totals.simulatedMs + report.simulatedMs,
    violations: totals.violations + report.violations,
    failed: [...totals.failed, ...report.failed].sort((x, y) => x.seed - y.seed),
    covered: new Set([...totals.covered, ...report.covered]),
  };
}

/**
 * The decisions benchmark: streams of labelled prompts through the real tiers, the label standing
 * for the answer, beside fixed thresholds and exact reuse alone in the same run. Embeddings and
 * similarities are computed once; orders, in parallel.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DIMENSIONS } from '../../../src/services/embeddings/local-embedder.ts';
import { readPromptSets, seeded, shuffleLabels, type PromptSet } from './data.ts';
import { PROMPTS_MAX, rowLength } from './neighbours.ts';
import type { Job, OrderResult, SharedSet } from './worker.ts';

export interface RunOptions {
  readonly data: string;
  /** δ: wrong reuses as a share of all requests, between 0 and 1. */
  readonly delta: number;
  readonly orders: number;
  /** Only these sets. Default: all. */
  readonly sets?: readonly string[];
  /** Deal the labels out anew within each set: the bound must hold, and savings vanish. */
  readonly shuffleLabels?: boolean;
  readonly progress?: (line: string) => void;
}

export interface SetReport {
  readonly set: string;
  readonly prompts: number;
  readonly saved: number;
  readonly wrong: number;
  readonly wrongOfReuses: number;
  readonly ordersBroken: number;
  readonly audits: number;
  readonly exactOnly: number;
  readonly bestFixedThreshold: number;
}

export interface Report {
  readonly delta: number;
  readonly orders: number;
  readonly sets: readonly SetReport[];
}

const WORKERS_MAX = 8;
/** Prompts of one embedding or neighbours job. */
const CHUNK = 250;

export async function run(options: RunOptions): Promise<Report> {
  const { delta, orders, progress = () => undefined } = options;
  const all = await readPromptSets(options.data);
  const wanted = options.sets ? all.filter(({ set }) => options.sets?.includes(set)) : all;
  const random = seeded(1);
  const sets = wanted
    .map((set) => (options.shuffleLabels ? shuffleLabels(set, random) : set))
    .map(share);
  await using pool = createPool(Math.min(WORKERS_MAX, availableParallelism()));
  const reports: SetReport[] = [];
  for (const shared of sets) {
    progress(`${shared.set}: embedding ${shared.prompts.length} prompts`);
    await pool.run(chunks('embed', shared));
    progress(`${shared.set}: comparing`);
    await pool.run(chunks('neighbours', shared));
    progress(`${shared.set}: replaying ${orders} orders`);
    const jobs = Array.from({ length: orders }, (_, order): Job => ({
      kind: 'replay',
      shared,
      delta,
      seed: order + 1,
    }));
    reports.push(summarize(shared, delta, (await pool.run(jobs)) as OrderResult[]));
  }
  return { delta, orders, sets: reports };
}

function summarize(
  { set, prompts }: SharedSet,
  delta: number,
  results: readonly OrderResult[],
): SetReport {
  const count = prompts.length;
  const mean = (of: (result: OrderResult) => number) =>
    results.reduce((sum, result) => sum + of(result), 0) / results.length;
  return {
    set,
    prompts: count,
    saved: mean(({ saved }) => saved / count),
    wrong: mean(({ wrong }) => wrong / count),
    wrongOfReuses: mean(({ wrong, reuses }) => (reuses === 0 ? 0 : wrong / reuses)),
    ordersBroken: mean(({ wrong }) => (wrong > delta * count ? 1 : 0)),
    audits: mean(({ audits }) => audits / count),
    exactOnly: mean(({ exactOnly }) => exactOnly / count),
    bestFixedThreshold: mean(({ bestFixedThreshold }) => bestFixedThreshold / count),
  };
}

function share({ set, prompts }: PromptSet): SharedSet {
  if (prompts.length > PROMPTS_MAX) {
    throw new Error(
      `set ${set} has ${prompts.length} prompts; at most ${PROMPTS_MAX} can be compared`,
    );
  }
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  return {
    set,
    prompts,
    vectors: new Float32Array(shared(prompts.length * DIMENSIONS * 4)),
    rows: new Uint32Array(shared(prompts.length * rowLength(prompts.length) * 4)),
  };
}

function chunks(kind: 'embed' | 'neighbours', shared: SharedSet): Job[] {
  const jobs: Job[] = [];
  for (let from = 0; from < shared.prompts.length; from += CHUNK) {
    jobs.push({ kind, shared, from, to: Math.min(from + CHUNK, shared.prompts.length) });
  }
  return jobs;
}

function createPool(size: number) {
  const workers = Array.from(
    { length: size },
    () => new Worker(new URL('worker.ts', import.meta.url)),
  );
  return {
    /** Each worker takes the next job when it is done with one; results in the jobs' order. */
    async run(jobs: readonly Job[]): Promise<unknown[]> {
      const results: unknown[] = [];
      let next = 0;
      const work = async (worker: Worker) => {
        while (next < jobs.length) {
          const index = next++;
          results[index] = await once(worker, jobs[index] as Job);
        }
      };
      await Promise.all(workers.map(work));
      return results;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function once(worker: Worker, job: Job): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.once('message', resolve);
  worker.once('error', reject);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread
  worker.postMessage(job);
  return promise.finally(() => {
    worker.off('message', resolve);
    worker.off('error', reject);
  });
}

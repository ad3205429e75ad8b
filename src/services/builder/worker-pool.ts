// Runs compilations on a few worker processes, one at a time on each, so that killing a wild one
// costs nobody else's build. Workers start with the first jobs, are replaced when they are killed or
// end, and do not keep the parent alive while idle. Waiting jobs form a bounded queue.
//
// Rejects with BuilderError. An aborted job that runs already is finished unheard, since its worker
// is free again sooner than a new one would be (at the latest when its time is up).

import type { BuildResult } from './build-result.ts';
import { BuilderError } from './builder-error.ts';
import type { CanonicalSource } from './canonical-source.ts';
import { startWorker, type WorkerOutcome, type WorkerProcess } from './worker-process.ts';

export interface WorkerPoolOptions {
  script: URL;
  workersMax: number;
  queueMax: number;
  transformMsMax: number;
  startMsMax: number;
}

export interface WorkerPool {
  run(source: CanonicalSource, signal?: AbortSignal): Promise<BuildResult>;
  /** Ends all workers; resolves when they are gone. What runs or waits rejects with 'closed'. */
  close(): Promise<void>;
}

interface Job {
  source: CanonicalSource;
  resolve(result: BuildResult): void;
  reject(error: BuilderError): void;
}

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const workers = new Set<WorkerProcess>();
  const idle: WorkerProcess[] = [];
  const running = new Set<Job>();
  let waiting: Job[] = [];
  let startingCount = 0;
  let closed = false;

  function pump(): void {
    for (let job = waiting[0]; job && idle.length > 0; job = waiting[0]) {
      waiting.shift();
      const worker = idle.pop();
      if (worker) void work(worker, job);
    }
    while (startingCount < waiting.length && workers.size < options.workersMax) void start();
  }

  async function start(): Promise<void> {
    const worker = startWorker(options.script, options.startMsMax);
    workers.add(worker);
    startingCount++;
    const isReady = await worker.ready;
    startingCount--;
    if (isReady && !closed) {
      void worker.ended.then(() => forget(worker));
      return rest(worker);
    }
    forget(worker);
    worker.kill();
    // Each failed start takes one job with it, so that a broken installation cannot spin.
    waiting.shift()?.reject(new BuilderError('worker_unavailable', 'No build process would start'));
    pump();
  }

  function forget(worker: WorkerProcess): void {
    workers.delete(worker);
    const index = idle.indexOf(worker);
    if (index !== -1) idle.splice(index, 1);
  }

  function rest(worker: WorkerProcess): void {
    worker.holdOpen(false);
    idle.push(worker);
    pump();
  }

  async function work(worker: WorkerProcess, job: Job): Promise<void> {
    worker.holdOpen(true);
    running.add(job);
    const outcome = await worker.run(job.source, options.transformMsMax);
    running.delete(job);
    if (outcome.kind === 'result') job.resolve(outcome.result);
    else job.reject(failure(outcome, options.transformMsMax));
    if (closed) return;
    if (outcome.kind === 'result') return rest(worker);
    // After a fault too: esbuild's service may be gone while the process that used it lives on.
    forget(worker);
    worker.kill();
    void start(); // At once, so that the next build need not wait for it.
    pump();
  }

  return {
    run(source, signal) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new BuilderError('closed', 'The builder is closed'));
        if (signal?.aborted) return reject(aborted(signal));
        if (waiting.length >= options.queueMax) {
          return reject(new BuilderError('queue_full', 'Too many builds are waiting; try again'));
        }
        const onAbort = (): void => {
          waiting = waiting.filter((other) => other !== job);
          if (signal) job.reject(aborted(signal));
        };
        const job: Job = {
          source,
          resolve(result) {
            signal?.removeEventListener('abort', onAbort);
            resolve(result);
          },
          reject(error) {
            signal?.removeEventListener('abort', onAbort);
            reject(error);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(job);
        pump();
      });
    },
    async close() {
      closed = true;
      const error = new BuilderError('closed', 'The builder was closed during the build');
      for (const job of [...waiting, ...running]) job.reject(error);
      waiting = [];
      const ending = [...workers];
      for (const worker of ending) {
        worker.holdOpen(true);
        worker.kill();
      }
      await Promise.all(ending.map((worker) => worker.ended));
    },
  };
}

function aborted(signal: AbortSignal): BuilderError {
  return new BuilderError('aborted', 'The build was aborted', { cause: signal.reason });
}

function failure(
  outcome: Exclude<WorkerOutcome, { kind: 'result' }>,
  limitMs: number,
): BuilderError {
  switch (outcome.kind) {
    case 'timeout':
      return new BuilderError('timeout', `The scene took longer than ${limitMs} ms to compile`);
    case 'fault':
      return new BuilderError('worker_crashed', 'The compiler failed', { cause: outcome.fault });
    case 'ended':
      return new BuilderError('worker_crashed', `The build process ended (${outcome.how})`);
  }
}

// One worker process and what it is doing: starting, idle, or busy with one source. It does not
// decide what to run next (worker-pool.ts does) and is never reused after `kill`.
//
// The process gets an empty environment: it compiles what strangers wrote, so it must hold no
// secret. It is killed with its process group, since esbuild's service is a child of its own.

import { type ChildProcess, fork } from 'node:child_process';
import type { BuildResult } from './build-result.ts';
import type { CanonicalSource } from './canonical-source.ts';
import type { WorkerAnswer } from './compile-worker.ts';

/** V8's heap in a worker. The inspection of 256 KB takes well below it. */
const HEAP_MEGABYTES_MAX = 256;

/**
 * Memory of each process in a worker's group, held by the kernel: esbuild inlines enums, and forty
 * lines of `B = A + A, C = B + B, …` ask for terabytes. What a full scene needs stays below 600 MB.
 */
const PROCESS_MEMORY_KIB_MAX = 1024 * 1024;

/** Where Go's collector in esbuild starts to work hard. Soft: live data may exceed it. */
const COMPILER_HEAP_MEGABYTES = 256;

export type WorkerOutcome =
  | { kind: 'result'; result: BuildResult }
  | { kind: 'fault'; fault: string }
  | { kind: 'timeout' }
  | { kind: 'ended'; how: string };

export interface WorkerProcess {
  readonly pid: number | undefined;
  /** Resolves true when it can take a source, false when it ended or took longer than the limit. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<void>;
  /** Compiles one source. Only one at a time; kills the process when it takes too long. */
  run(source: CanonicalSource, timeoutMs: number): Promise<WorkerOutcome>;
  kill(): void;
  /** Whether this process keeps the parent's event loop alive. */
  holdOpen(hold: boolean): void;
}

export function startWorker(script: URL, startMsMax: number): WorkerProcess {
  const child = fork(script, {
    ...underMemoryLimit(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES_MAX}`]),
    detached: true,
    env: { GOMEMLIMIT: `${COMPILER_HEAP_MEGABYTES}MiB` },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let onAnswer: (answer: WorkerAnswer) => void = () => {};
  let onEnd: (how: string) => void = () => {};
  child.on('message', (answer: WorkerAnswer) => onAnswer(answer));

  const ended = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      onEnd(how);
      resolve();
    };
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    child.once('error', (error) => end(error.message));
  });

  const ready = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => killGroup(child), startMsMax);
    const settle = (isReady: boolean): void => {
      clearTimeout(timer);
      resolve(isReady);
    };
    onAnswer = () => settle(true);
    onEnd = () => settle(false);
  });

  return {
    pid: child.pid,
    ready,
    ended,
    run: (source, timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => settle({ kind: 'timeout' }), timeoutMs);
        const settle = (outcome: WorkerOutcome): void => {
          clearTimeout(timer);
          onAnswer = () => {};
          onEnd = () => {};
          if (outcome.kind === 'timeout') killGroup(child);
          resolve(outcome);
        };
        onAnswer = (answer) => {
          if (answer === 'ready') return;
          settle('result' in answer ? { kind: 'result', ...answer } : { kind: 'fault', ...answer });
        };
        onEnd = (how) => settle({ kind: 'ended', how });
        child.send(source, (error) => {
          if (error) settle({ kind: 'ended', how: error.message });
        });
      }),
    kill: () => killGroup(child),
    holdOpen(hold) {
      if (hold) child.ref();
      else child.unref();
      const channel = child.channel;
      if (hold) channel?.ref();
      else channel?.unref();
    },
  };
}

// Node cannot set a limit on a child; a shell can, and then becomes it. Linux counts all private
// memory (-d); elsewhere only the time limit bounds what esbuild takes.
function underMemoryLimit(execPath: string, execArgv: string[]) {
  if (process.platform !== 'linux') return { execPath, execArgv };
  const limited = `ulimit -d ${PROCESS_MEMORY_KIB_MAX}; exec "$0" "$@"`;
  return { execPath: '/bin/sh', execArgv: ['-c', limited, execPath, ...execArgv] };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // No process groups here (Windows), or already gone.
  }
}

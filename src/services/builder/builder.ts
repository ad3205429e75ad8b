// Builds scenes: TSX in, a runnable ES module with its source map out, or errors with positions.
// Sources are compiled and inspected in worker processes and never executed. Knows no database, no
// cache and no HTTP; equal sources give equal builds (build-key.ts is their address).

import type { BuildResult, BuildSource } from './build-result.ts';
import { canonicalSource } from './canonical-source.ts';
import { SOURCE_BYTES_MAX } from './limits.ts';
import { sourcePositions } from './positions.ts';
import { createWorkerPool } from './worker-pool.ts';

export interface BuilderOptions {
  /** Processes. Default 2: a wild scene blocks one of them for `transformMsMax`. */
  workersMax?: number;
  /** Builds waiting for a process, beyond those running. Default 64: about a second of work. */
  queueMax?: number;
  /** How long one build may run before its process is killed. Default 2,000 ms. */
  transformMsMax?: number;
  /** How long a process may take to start. Default 10,000 ms: a cold disk on a busy machine. */
  startMsMax?: number;
  /** The worker's program; tests put a misbehaving one here. Default: compile-worker. */
  workerScript?: URL;
}

export interface Builder {
  /**
   * Compiles one scene. Errors in the source are an answer (`success: false`); rejects with
   * BuilderError for everything else, an aborted `signal` included.
   */
  build(source: BuildSource, signal?: AbortSignal): Promise<BuildResult>;
  /** Ends the processes. Builds that run or wait reject with 'closed'. */
  close(): Promise<void>;
}

// The worker sits beside this file, as .ts in the repository and as .js in the compiled package.
const WORKER_SCRIPT = new URL(
  import.meta.url.endsWith('.ts') ? './compile-worker.ts' : './compile-worker.js',
  import.meta.url,
);

export function createBuilder(options: BuilderOptions = {}): Builder {
  const pool = createWorkerPool({
    script: options.workerScript ?? WORKER_SCRIPT,
    workersMax: options.workersMax ?? 2,
    queueMax: options.queueMax ?? 64,
    transformMsMax: options.transformMsMax ?? 2_000,
    startMsMax: options.startMsMax ?? 10_000,
  });
  return {
    async build(source, signal) {
      const canonical = canonicalSource(source);
      return tooLarge(canonical.tsxCode) ?? pool.run(canonical, signal);
    },
    close: () => pool.close(),
  };
}

/** Refused here, so that no worker is fed with it; the position is where the limit is crossed. */
function tooLarge(tsxCode: string): BuildResult | undefined {
  const bytes = Buffer.byteLength(tsxCode);
  if (bytes <= SOURCE_BYTES_MAX) return undefined;
  const offset = Buffer.from(tsxCode).subarray(0, SOURCE_BYTES_MAX).toString().length - 1;
  const message = `The scene is ${bytes} bytes; at most ${SOURCE_BYTES_MAX} are allowed`;
  return { success: false, errors: [sourcePositions(tsxCode).at(offset, message)] };
}

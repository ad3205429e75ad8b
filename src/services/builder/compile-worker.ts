// The worker process: compiles one source at a time for its parent (worker-pool.ts) and holds
// nothing else, neither settings nor connections. It leads its own process group, in which esbuild's
// service runs too, and ends the whole group when its parent is gone: an esbuild that is busy with a
// wild source would outlive both.
//
// Messages: → CanonicalSource · ← 'ready' once, then { result } or { fault } per source.

import type { BuildResult } from './build-result.ts';
import type { CanonicalSource } from './canonical-source.ts';
import { compile } from './compile.ts';

export type WorkerAnswer = 'ready' | { result: BuildResult } | { fault: string };

function answer(message: WorkerAnswer): void {
  process.send?.(message);
}

process.on('disconnect', () => {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(1); // No process groups here (Windows), or not the leader of one.
  }
});

process.on('message', (source: CanonicalSource) => {
  compile(source).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ fault: String(error) }),
  );
});

// Starts esbuild's service and compiles the parsers, so that the first scene's time is its own.
await compile({ name: 'warm-up', tsxCode: 'export default () => <p />;', propsJson: '{}' });
answer('ready');

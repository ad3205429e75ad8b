// Takes the place of compile-worker.ts in tests: the source says how to misbehave. Like esbuild's
// service, a child of its own runs in its process group and ignores that its parent has gone.

import { spawn } from 'node:child_process';

const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });

function answer(code: string): void {
  process.send?.({ result: { success: true, code, map: '', warnings: [], bytes: 0 } });
}

process.on('disconnect', () => process.exit());
process.on('message', ({ tsxCode }: { tsxCode: string }) => {
  switch (tsxCode) {
    case 'pids':
      return answer(`${process.pid} ${child.pid}`);
    case 'environment':
      return answer(Object.keys(process.env).join(' '));
    case 'exit':
      return process.exit(7);
    case 'allocate': {
      const kept: number[][] = [];
      for (;;) kept.push(Array.from({ length: 100_000 }, Math.random));
    }
    default:
      for (;;);
  }
});
process.send?.('ready');

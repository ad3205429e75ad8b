/**
 * `npm run dev`: the server with reload. This process holds the embedded database, so that
 * a reload joins it instead of stopping and starting it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { projectFolder, runCommand } from './cli.ts';
import { withAddress } from './database.ts';

await runCommand({
  name: 'dev',
  summary: 'Runs the server as `npm start` does, in development mode, and again at every change.',
  options: {},
  handlesSignals: true,
  async run() {
    process.env['NODE_ENV'] ||= 'development';
    await withAddress(async () => {
      const watcher = spawn(
        process.execPath,
        ['--watch', '--watch-preserve-output', path.join(projectFolder, 'scripts/run.js'), 'start'],
        { stdio: 'inherit', cwd: projectFolder },
      );
      // A terminal sends Ctrl-C to both; `kill` reaches only this process.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, () => watcher.kill(signal));
      }
      await once(watcher, 'exit');
    });
  },
});

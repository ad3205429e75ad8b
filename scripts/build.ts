/**
 * `npm run build`: compiles `src` to `dist` (JavaScript, declarations, source maps), and copies
 * what is read as text.
 * Packages can't export TypeScript: Node refuses to strip types below node_modules.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder, runCommand } from './cli.ts';

/** Folders that the server reads as they are: the pages, and the demo's scenes as source text. */
const TEXTS = ['web', 'db/seed/scenes'];

await runCommand({
  name: 'build',
  summary: 'Compiles src to dist: JavaScript, declarations and source maps.',
  options: {},
  async run() {
    await rm(path.join(projectFolder, 'dist'), { recursive: true, force: true });
    const compiler = spawn(
      process.execPath,
      [path.join(projectFolder, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
      { stdio: ['ignore', 2, 2], cwd: projectFolder },
    );
    const [code] = (await once(compiler, 'exit')) as [number | null];
    if (code !== 0) throw new Error('src does not compile');
    for (const folder of TEXTS) {
      await cp(path.join(projectFolder, 'src', folder), path.join(projectFolder, 'dist', folder), {
        recursive: true,
      });
    }
    console.log('dist is built');
  },
});

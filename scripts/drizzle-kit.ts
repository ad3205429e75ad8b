/** Starts drizzle-kit with this project's configuration; fails when it fails. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { projectFolder } from './cli.ts';

export async function drizzleKit(args: string[], databaseUrl?: string): Promise<void> {
  const kit = spawn(
    process.execPath,
    [path.join(projectFolder, 'node_modules/drizzle-kit/bin.cjs'), ...args],
    {
      stdio: 'inherit',
      cwd: projectFolder,
      env: databaseUrl === undefined ? process.env : { ...process.env, DATABASE_URL: databaseUrl },
    },
  );
  process.once('exit', () => kit.kill());
  const [code] = (await once(kit, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`drizzle-kit ${args[0] ?? ''} failed`);
}

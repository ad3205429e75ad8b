/**
 * A process that uses the embedded server of a folder, for tests that kill it. As a program
 * (`node embedded-process.ts <folder>`) it prints one line of JSON when ready and leaves in
 * order on SIGTERM; as a module it starts such processes and collects what they said.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../../src/db/embedded.ts';

export interface Ready {
  url: string;
  adminUrl: string;
  owned: boolean;
  lines: string[];
}

export interface EmbeddedProcess extends AsyncDisposable {
  readonly ready: Ready;
  readonly pid: number;
  /** Ends it and waits; the exit code, or null after a signal that it could not handle. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** Nothing here has to survive a power cut. */
export const FAST = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

export async function startProcess(
  folder: string,
  options: { uid?: number; gid?: number; durable?: boolean } = {},
): Promise<EmbeddedProcess> {
  const { durable = false, ...user } = options;
  const program = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [program, folder, durable ? 'durable' : 'fast'], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const output = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(output, 'line').then(([text]) => String(text)),
    once(child, 'exit').then(() => undefined),
  ]);
  if (line === undefined) throw new Error(`the process ended: ${errors}`);
  return {
    ready: JSON.parse(line) as Ready,
    pid: child.pid ?? 0,
    end: (signal) => end(child, signal),
    async [Symbol.asyncDispose]() {
      await end(child, 'SIGTERM');
    },
  };
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  return child.exitCode;
}

/** The server of the folder, by its own record; undefined when it has none. */
export async function postmasterPid(folder: string): Promise<number | undefined> {
  const record = path.join(folder, 'postgres/postmaster.pid');
  const text = await readFile(record, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text.split('\n')[0]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines: string[] = [];
  const server = await startEmbedded({
    dataDir: process.argv[2] ?? '',
    log: (line) => lines.push(line),
    settings: process.argv[3] === 'durable' ? {} : FAST,
  });
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  setInterval(() => undefined, 60_000);
  const { url, adminUrl, owned } = server;
  console.log(JSON.stringify({ url, adminUrl, owned, lines } satisfies Ready));
}

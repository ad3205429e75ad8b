/**
 * The part of `npm run walk` that runs inside the namespaces, as the walking user, in the fresh clone:
 * the README's commands (`start` and `test`, as arguments). Prints the time from start to ready and from
 * SIGTERM to the end, and fails when the network can be reached, when the server is not ready in time,
 * or when a process is left behind. Those times are the limits of the public contract.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const READY_MS_MAX = 60_000;
const END_MS_MAX = 4_000;
const POLL_MS = 50;
/** The embedded server's guard looks once a second. */
const AFTERMATH_MS = 3_000;
const readyUrl = 'http://127.0.0.1:3000/health/ready';

async function assertOffline(): Promise<void> {
  // A documentation address (RFC 5737): nobody answers there, but with a route it would time out.
  const socket = connect({ host: '192.0.2.1', port: 80 });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  if (error.code !== 'ENETUNREACH') throw new Error(`there is a network: ${error.message}`);
  console.log('No network but loopback.');
}

function npm(...args: string[]): ChildProcess {
  return spawn('npm', args, { stdio: 'inherit' });
}

async function walkStart(): Promise<void> {
  const started = performance.now();
  const server = npm('start');
  const ended = once(server, 'exit');
  while (!(await isReady())) {
    if (server.exitCode !== null) throw new Error('npm start ended before it was ready');
    if (performance.now() - started > READY_MS_MAX)
      throw new Error('npm start was not ready in time');
    await delay(POLL_MS);
  }
  console.log(`Ready ${seconds(performance.now() - started)} after npm start.`);
  const asked = performance.now();
  server.kill('SIGTERM');
  await ended;
  const tookMs = performance.now() - asked;
  console.log(`Ended ${seconds(tookMs)} after SIGTERM.`);
  if (tookMs > END_MS_MAX) throw new Error('npm start took too long to end');
  await delay(AFTERMATH_MS);
  const left = otherProcesses();
  if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
}

async function isReady(): Promise<boolean> {
  try {
    return (await fetch(readyUrl)).status === 200;
  } catch {
    return false;
  }
}

async function walkTest(): Promise<void> {
  const started = performance.now();
  const [code] = (await once(npm('test'), 'exit')) as [number | null];
  console.log(`npm test took ${seconds(performance.now() - started)}.`);
  if (code !== 0) throw new Error('npm test failed');
}

/** Everything in this process namespace but this process and those that started it. */
function otherProcesses(): string[] {
  const lineage = new Set(['1', String(process.pid), String(process.ppid)]);
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && !lineage.has(pid))
    .map((pid) => ({ pid, command: commandOf(pid) }))
    .filter(({ command }) => command !== '')
    .map(({ pid, command }) => `${pid} ${command}`);
}

/** Empty for a process that has ended, also while nobody has collected its exit code. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const walks: Record<string, () => Promise<void>> = { start: walkStart, test: walkTest };
try {
  await assertOffline();
  for (const command of process.argv.slice(2)) {
    const walk = walks[command];
    if (walk === undefined) throw new Error(`no such command in the README: ${command}`);
    console.log(`\n-- npm ${command}`);
    await walk();
  }
} catch (error) {
  console.error(`walk: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

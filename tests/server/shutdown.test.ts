import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../fixtures/database.ts';
import { leastMs } from '../fixtures/least-ms.ts';
import { startStandIn } from './stand-in.ts';

const START = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url));
/** The program gives itself 3.7 s, within the four that a supervisor may count on; the rest is for a busy machine. */
const SHUTDOWN_MS_MAX = 8_000;

test('closing lets an answer under way finish, and refuses what comes later', async () => {
  await using server = await startStandIn();
  const slow = fetch(`${server.url}/trpc/slow`);
  await expect.poll(() => server.slowCalls()).toBe(1);
  const closed = server.app.close();
  server.finishSlowCalls();
  const response = await slow;
  expect(await response.json()).toEqual({ result: { data: { json: 'done' } } });
  await closed;
  await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
});

test('an open event stream does not hold the shutdown up', async () => {
  await using server = await startStandIn();
  const stream = await fetch(`${server.url}/trpc/ticks`, {
    headers: { accept: 'text/event-stream' },
  });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  while (!seen.includes('first')) seen += (await reader.read()).value ?? '';
  const began = performance.now();
  await server.app.close();
  // The stream itself never ends, and a kept connection does after 72 s.
  expect(performance.now() - began).toBeLessThan(20_000);
  await expect(
    (async () => {
      while (!(await reader.read()).done);
      throw new Error('ended');
    })(),
  ).rejects.toThrow();
});

interface RunningServer extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly url: string;
  /** Whether the embedded server's lock file is there. */
  databaseRuns(): boolean;
}

const READY = /^Greenroom is ready at (\S+) \([\d.]+ s\)$/m;

interface StartOptions {
  /** In the output; its first group, if any, is the address. */
  readonly until?: RegExp;
  readonly command?: readonly string[];
}

async function startProcess(
  env: Record<string, string>,
  { until = READY, command = [process.execPath, START] }: StartOptions = {},
): Promise<RunningServer> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'greenroom-main-'));
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, NODE_ENV: 'production', PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = until.exec(output);
      if (found) resolve(found[1] ?? '');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`the server ended: ${output}`)));
  });
  return {
    process: child,
    url: await ready,
    databaseRuns: () => existsSync(path.join(dataDir, 'postgres', 'postmaster.pid')),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Milliseconds until `ended`, of some tries the shortest in which all was `inOrder` then: on a busy
 * machine the program may not get that far in the time that it gives itself.
 */
async function terminateMs(
  start: () => Promise<RunningServer>,
  ended: (server: RunningServer) => Promise<unknown>,
  inOrder: (server: RunningServer) => boolean | Promise<boolean>,
): Promise<number> {
  return leastMs(SHUTDOWN_MS_MAX, async () => {
    await using server = await start();
    const began = performance.now();
    const ending = ended(server);
    server.process.kill('SIGTERM');
    await ending;
    const tookMs = performance.now() - began;
    return (await inOrder(server)) ? tookMs : Infinity;
  });
}

const exit = (server: RunningServer) => once(server.process, 'exit');

test('npm start prints its address once ready, and ends soon after SIGTERM', async () => {
  await using database = await createTestDatabase();
  const start = async () => {
    const server = await startProcess({ DATABASE_URL: database.url });
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    return server;
  };
  const ms = await terminateMs(start, exit, (server) => server.process.exitCode === 0);
  expect(ms).toBeLessThan(SHUTDOWN_MS_MAX);
});

const EMBEDDED = { DATABASE_URL: '', SEED_DEMO: 'false' };

test('the embedded database has ended with the server', async () => {
  const start = async () => {
    const server = await startProcess(EMBEDDED);
    expect(server.databaseRuns()).toBe(true);
    return server;
  };
  const ms = await terminateMs(start, exit, (server) => !server.databaseRuns());
  expect(ms).toBeLessThan(SHUTDOWN_MS_MAX);
});

test('a start that is interrupted leaves nothing running either', async () => {
  const start = () => startProcess(EMBEDDED, { until: /embedded database/ });
  const ms = await terminateMs(start, exit, async (server) => {
    await expect.poll(() => server.databaseRuns()).toBe(false);
    return true;
  });
  expect(ms).toBeLessThan(SHUTDOWN_MS_MAX);
});

test('a SIGTERM to npm, which does not pass it on, ends the server as well', async () => {
  const start = () => startProcess(EMBEDDED, { command: ['npm', 'start'] });
  const ended = async (server: RunningServer) => {
    await expect.poll(() => server.databaseRuns()).toBe(false);
  };
  const ms = await terminateMs(start, ended, async (server) => {
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
    return true;
  });
  expect(ms).toBeLessThan(SHUTDOWN_MS_MAX);
});

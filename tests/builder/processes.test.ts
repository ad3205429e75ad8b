// What happens to builds when a source is wild, a process dies, a caller leaves or the builder
// closes. The wild source is a real one: esbuild tries `f<f<f<…` as type arguments at every `<`
// again, which takes it more than a minute for 240 KB. Where a process must misbehave in a way
// that no source is known for, misbehaving-worker.ts takes its place.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { BuilderError, createBuilder } from '../../src/services/builder/index.ts';
import { openBuilder, PATIENCE_MS, sceneWith } from './builder-fixture.ts';

const execFileAsync = promisify(execFile);

const WILD = { name: 'wild', tsxCode: sceneWith(`const a = ${'f<'.repeat(120_000)}1;`) };
// Each member is twice as long as the one before, and esbuild writes its value where it is used.
const doubled = Array.from({ length: 40 }, (_, i) => `A${i + 1} = A${i} + A${i}`).join(', ');
const BOMB = { name: 'bomb', tsxCode: sceneWith(`enum E { A0 = 'x', ${doubled} }`, 'E.A40;') };
const GOOD = { name: 'good', tsxCode: sceneWith() };
/** Waits for what other processes do on their own. */
const eventually = { timeout: 15_000, interval: 50 };
const misbehaving = { workerScript: new URL('./misbehaving-worker.ts', import.meta.url) };

const command = (tsxCode: string) => ({ name: 'command', tsxCode });
const code = (result: unknown) => (result as { code: string }).code;

async function failure(build: Promise<unknown>): Promise<BuilderError> {
  const error = await build.then(
    () => expect.fail('the build went well'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof BuilderError)) throw error;
  return error;
}

describe('A wild build', () => {
  it('is killed after 2 s', async () => {
    await using builder = openBuilder();
    const startedAt = performance.now();
    expect((await failure(builder.build(WILD))).code).toBe('timeout');
    expect(performance.now() - startedAt).toBeGreaterThan(1_900);
  });

  it('is killed while others go on, and its process is replaced', async () => {
    await using builder = openBuilder({ transformMsMax: PATIENCE_MS });
    await builder.build(GOOD);
    let wildEnded = false;
    const wild = failure(builder.build(WILD)).finally(() => (wildEnded = true));
    const others = await Promise.all(Array.from({ length: 20 }, () => builder.build(GOOD)));
    expect(others.every((result) => result.success)).toBe(true);
    expect(wildEnded).toBe(false);
    expect((await wild).code).toBe('timeout');
    const after = await Promise.all(Array.from({ length: 4 }, () => builder.build(GOOD)));
    expect(after.every((result) => result.success)).toBe(true);
  });

  it('on every process delays the others, but loses none of them', async () => {
    await using builder = openBuilder({ transformMsMax: 4_000 });
    const wild = [WILD, WILD, WILD].map((source) => failure(builder.build(source)));
    const good = [GOOD, GOOD].map((source) => builder.build(source));
    expect((await Promise.all(wild)).map((error) => error.code)).toEqual(Array(3).fill('timeout'));
    expect((await Promise.all(good)).every((result) => result.success)).toBe(true);
  });

  it('is killed with the processes it started', async () => {
    await using builder = openBuilder({ ...misbehaving, workersMax: 1, transformMsMax: 3_000 });
    const pids = code(await builder.build(command('pids')))
      .split(' ')
      .map(Number);
    expect(pids.map(isRunning)).toEqual([true, true]);
    expect((await failure(builder.build(command('hang')))).code).toBe('timeout');
    await vi.waitFor(() => expect(pids.map(isRunning)).toEqual([false, false]), eventually);
  });
});

describe('A process that ends by itself', () => {
  it('during a build fails that build only', async () => {
    await using builder = openBuilder({
      ...misbehaving,
      workersMax: 1,
      transformMsMax: PATIENCE_MS,
    });
    const crash = failure(builder.build(command('exit')));
    const next = builder.build(command('pids'));
    expect(await crash).toMatchObject({ code: 'worker_crashed', message: /exit code 7/ });
    expect((await next).success).toBe(true);
  });

  it('between builds is replaced unnoticed', async () => {
    await using builder = openBuilder({
      ...misbehaving,
      workersMax: 1,
      transformMsMax: PATIENCE_MS,
    });
    const [pid = 0] = code(await builder.build(command('pids')))
      .split(' ')
      .map(Number);
    process.kill(-pid, 'SIGKILL');
    await vi.waitFor(async () => {
      const now = await builder.build(command('pids'));
      expect(code(now)).not.toMatch(new RegExp(`^${pid} `));
    }, eventually);
  });

  it('for want of memory takes nobody with it', async () => {
    await using builder = openBuilder({ ...misbehaving, transformMsMax: 60_000 });
    const greedy = failure(builder.build(command('allocate')));
    expect((await builder.build(command('pids'))).success).toBe(true);
    expect((await greedy).code).toBe('worker_crashed');
  });

  // Only Linux holds a process to the limit; elsewhere the time limit ends it.
  it.runIf(process.platform === 'linux')('because a source explodes takes nobody', async () => {
    await using builder = openBuilder({ transformMsMax: 60_000 });
    const bomb = failure(builder.build(BOMB));
    expect((await builder.build(GOOD)).success).toBe(true);
    expect((await bomb).code).toBe('worker_crashed');
    expect((await builder.build(GOOD)).success).toBe(true);
  });

  it('before it is ready fails the builds that wait for it', async () => {
    const workerScript = new URL('./no-such-worker.ts', import.meta.url);
    await using builder = openBuilder({ workerScript });
    const codes = await Promise.all([1, 2, 3].map(() => failure(builder.build(GOOD))));
    expect(codes.map((error) => error.code)).toEqual(Array(3).fill('worker_unavailable'));
  });
});

describe('The environment of a process', () => {
  it('holds no setting of the server', async () => {
    vi.stubEnv('GREENROOM_TEST_SECRET', 'secret');
    await using builder = openBuilder({ ...misbehaving, transformMsMax: PATIENCE_MS });
    const names = code(await builder.build(command('environment'))).split(' ');
    vi.unstubAllEnvs();
    expect(names).toContain('GOMEMLIMIT');
    expect(names).not.toContain('GREENROOM_TEST_SECRET');
    expect(names).not.toContain('PATH');
  });
});

describe('The queue', () => {
  it('refuses what is beyond its bound at once', async () => {
    await using builder = openBuilder({ workersMax: 1, queueMax: 3, transformMsMax: PATIENCE_MS });
    const builds = Array.from({ length: 5 }, () => builder.build(GOOD));
    const settled = await Promise.allSettled(builds);
    const refused = settled.filter((each) => each.status === 'rejected');
    expect(refused.map((each) => (each.reason as BuilderError).code)).toEqual(
      Array(2).fill('queue_full'),
    );
  });
});

describe('An aborted build', () => {
  it('that waits leaves the queue, with the reason as its cause', async () => {
    await using builder = openBuilder({ ...misbehaving, workersMax: 1, queueMax: 1 });
    const controller = new AbortController();
    const waiting = failure(builder.build(command('pids'), controller.signal));
    controller.abort('gone');
    expect(await waiting).toMatchObject({ code: 'aborted', cause: 'gone' });
    expect((await builder.build(command('pids'))).success).toBe(true);
  });

  it('that runs is answered at once, and its process is there for the next', async () => {
    await using builder = openBuilder({ workersMax: 1, transformMsMax: 4_000 });
    await builder.build(GOOD);
    const controller = new AbortController();
    const running = failure(builder.build(WILD, controller.signal));
    controller.abort();
    expect((await running).code).toBe('aborted');
    expect((await builder.build(GOOD)).success).toBe(true);
  });

  it('whose signal has fired already is not begun', async () => {
    await using builder = openBuilder();
    expect((await failure(builder.build(GOOD, AbortSignal.abort()))).code).toBe('aborted');
  });
});

describe('Closing', () => {
  it('fails what runs and waits, ends every process, and may be repeated', async () => {
    const builder = createBuilder({ ...misbehaving, workersMax: 1 });
    const pids = code(await builder.build(command('pids')))
      .split(' ')
      .map(Number);
    const builds = [command('hang'), GOOD].map((source) => failure(builder.build(source)));
    await Promise.all([builder.close(), builder.close()]);
    expect((await Promise.all(builds)).map((error) => error.code)).toEqual(['closed', 'closed']);
    await vi.waitFor(() => expect(pids.map(isRunning)).toEqual([false, false]), eventually);
    expect((await failure(builder.build(GOOD))).code).toBe('closed');
  });

  it('while a process starts leaves none behind', async () => {
    const builder = createBuilder();
    const build = failure(builder.build(GOOD));
    await builder.close();
    expect((await build).code).toBe('closed');
  });
});

describe('A program that builds', () => {
  const index = new URL('../../src/services/builder/index.ts', import.meta.url);
  const lines = (last: string) => [
    `import { createBuilder } from '${index}';`,
    'const builder = createBuilder();',
    `const { success } = await builder.build(${JSON.stringify(GOOD)});`,
    last,
    'console.log(success);',
  ];

  it.each([
    ['goes on after closing', 'await builder.close();'],
    ['ends by itself without closing', ''],
  ])('%s', async (_title, last) => {
    const { stdout } = await execFileAsync(process.execPath, [
      '--input-type=module',
      '--eval',
      lines(last).join('\n'),
    ]);
    expect(stdout).toBe('true\n');
  });
});

describe('Props', () => {
  it.each([
    ['too large', { text: 'x'.repeat(70_000) }],
    ['not JSON', { big: 1n }],
  ])('that are %s are refused', async (_title, props) => {
    await using builder = openBuilder();
    expect((await failure(builder.build({ ...GOOD, props }))).code).toBe('invalid_props');
  });
});

/** False also for a process that is dead but that nobody has waited for. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

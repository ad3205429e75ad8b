/**
 * A run: starts the servers, the processes and the links between them, lets readers, writers and
 * faults loose, heals everything, looks whether all works again, and takes everything down.
 *
 * The processes are the real server, reached by HTTP by half of the readers. The others ask the same
 * router within the process, over its channel, because grace never shows over HTTP (a session
 * cannot be looked up without the database) and because it finds more per second.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLink, type Link } from '../fixtures/link.ts';
import { createRandom } from '../simulation/random.ts';
import { createApiProcess, type ApiProcess } from './api-process.ts';
import { faultKinds, type FaultKind } from './fault-kinds.ts';
import { createFaultLog } from './fault-log.ts';
import { runFaults } from './fault-schedule.ts';
import { createFigures, type Availability, type Spread } from './figures.ts';
import { startGuard } from './guard.ts';
import { createHistory, type Counterexample, type History } from './history.ts';
import { createHttpCaller } from './http-call.ts';
import { createLagProbe } from './lag-probe.ts';
import { startOwnPostgres } from './own-postgres.ts';
import { startOwnRedis } from './own-redis.ts';
import { makeRows, signUp, type Visitor } from './own-rows.ts';
import { checkRecovery } from './recovery.ts';
import { LEASE_MS, PROCESSES, SCENE_TTL_SECONDS, START_MS_MAX } from './settings.ts';
import { runSwitches } from './switches.ts';
import { createWorkload } from './workload.ts';

export interface RunOptions {
  /** Of reads, writes and faults; starting and recovering come on top. */
  readonly ms: number;
  readonly seed: number;
  /** Undefined: without Redis, PostgreSQL is the shared store and the journal. */
  readonly redisProgram: string | undefined;
  /** Settings of the processes on top of the run's own. */
  readonly env?: Record<string, string>;
  /** Only kinds for which it says so. Default: all. */
  readonly withFault?: (kind: FaultKind) => boolean;
  readonly onProgress?: (line: string) => void;
  readonly onViolation?: (example: Counterexample) => void;
  /** Ends the run in order after a violation for which it says so. Default: none. */
  readonly enough?: (example: Counterexample) => boolean;
  /** Ends the run early, and takes everything down. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly seed: number;
  readonly reads: number;
  readonly rowsShown: number;
  readonly writes: number;
  readonly graceAnswers: number;
  readonly faults: number;
  readonly violations: number;
  readonly counterexamples: readonly Counterexample[];
  readonly availability: readonly Availability[];
  readonly writeLatency: { all: Spread; healthy: Spread; behind: number };
  readonly lag: { all: Spread; healthy: Spread };
  readonly outcomes: Record<string, number>;
  readonly unanswered: Record<string, number>;
  readonly recoveryMs: number;
}

const PROGRESS_EVERY_MS = 5_000;
/** At the beginning, of the run's time. */
const CALM_SHARE = 0.15;
const CALM_MS_MAX = 10_000;
const UNLIMITED = '2147483647';

export async function runProcesses(options: RunOptions): Promise<RunResult> {
  const say = options.onProgress ?? (() => undefined);
  // Apart, so that how fast the machine reads does not change which faults there are.
  const faultRandom = createRandom(options.seed);
  const random = createRandom(options.seed + 1);
  const { signal } = options;
  await using parts = new AsyncDisposableStack();
  const guard = startGuard();
  parts.defer(() => guard.close());
  const failures: Error[] = [];

  say('starting PostgreSQL, Redis and the processes');
  const postgres = parts.use(await startOwnPostgres(guard));
  const redis =
    options.redisProgram === undefined
      ? undefined
      : parts.use(await startOwnRedis(options.redisProgram, guard));
  const dataDir = await mkdtemp(path.join(tmpdir(), 'greenroom-processes-data-'));
  parts.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }));

  /** Known once the first process is up. */
  const known: { user?: Visitor; history?: History } = {};
  const http = createHttpCaller(() => known.user?.token);
  parts.defer(() => http.close());
  const secret = randomBytes(32).toString('hex');
  const databaseLinks: Link[] = [];
  const redisLinks: Link[] = [];
  const processes: ApiProcess[] = [];
  const faults = createFaultLog();
  parts.defer(async () => {
    await Promise.all(processes.map((process) => process.end()));
  });
  for (let slot = 0; slot < PROCESSES; slot += 1) {
    const databaseLink = parts.use(await startLink(postgres.port()));
    databaseLinks.push(databaseLink);
    const redisLink = redis && parts.use(await startLink(redis.current().port));
    if (redisLink) redisLinks.push(redisLink);
    processes.push(
      createApiProcess({
        slot,
        guard,
        http,
        userId: () => known.user?.userId ?? '',
        onCrash: (id, why) => known.history?.fail('crash', `${id} ended by itself, ${why}`),
        env: {
          PATH: process.env['PATH'] ?? '',
          NODE_ENV: 'production',
          PORT: '0',
          DATA_DIR: dataDir,
          DATABASE_URL: postgres.urlBehind(databaseLink.port),
          ...(redisLink
            ? { REDIS_URL: `redis://127.0.0.1:${redisLink.port}` }
            : { CACHE_STORE: 'postgres', CACHE_JOURNAL: 'postgres' }),
          BETTER_AUTH_SECRET: secret,
          CACHE_LEASE_MS: String(LEASE_MS),
          CACHE_TTL_SCENES: String(SCENE_TTL_SECONDS),
          SEED_DEMO: 'false',
          RATE_LIMIT_PER_MINUTE: UNLIMITED,
          RATE_LIMIT_READS_PER_MINUTE: UNLIMITED,
          RATE_LIMIT_SIGN_IN_PER_MINUTE: UNLIMITED,
          LOG_LEVEL: 'fatal',
          ...options.env,
        },
      }),
    );
  }
  await allUp(processes, signal);
  const { url } = processes[0]!.life()!;
  known.user = await signUp(http, url, 'owner');
  const visitor = await signUp(http, url, 'visitor');
  const rows = await makeRows(http, url, postgres.sql());

  const history = createHistory({
    rows: rows.rows,
    faults,
    onViolation(example) {
      options.onViolation?.(example);
      if (options.enough?.(example)) endEarly();
    },
  });
  known.history = history;
  const figures = createFigures(faults);
  const beganMs = performance.now();
  const phase = { calm: false, stopped: false };
  const calmed = new AbortController();
  const pause = (ms: number): Promise<void> => sleep(ms, undefined);
  const last = (ms: number): Promise<void> => sleep(ms, calmed.signal);
  const calm = (): boolean => phase.calm;
  const stopped = (): boolean => phase.stopped;
  const shared = { processes, postgres, rows, random, pause, calm, stopped };
  const workload = createWorkload({ ...shared, http, history, figures });
  const probe = createLagProbe({ ...shared, workload, faults, stopped: calm });
  const endEarly = (): void => calmed.abort();
  const failed = (error: Error): void => {
    failures.push(error);
    endEarly();
  };
  signal?.addEventListener('abort', endEarly, { once: true });

  const ticker = setInterval(() => {
    const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
    const now = faults.active().map(({ kind, detail }) => `${kind} ${detail}`.trim());
    say(
      `${seconds} s: ${history.readsChecked()} reads, ${history.writesChecked()} writes, ` +
        `${faults.all.length} faults, ${history.violations()} violations; now: ${now.join(', ') || '-'}`,
    );
  }, PROGRESS_EVERY_MS);
  parts.defer(() => clearInterval(ticker));

  const { switchedId: projectId } = rows;
  const switching = runSwitches({ ...shared, last, http, visitor, projectId, history });
  const working = Promise.all([workload.run(), probe.run(), switching]).catch(failed);
  // What the figures under faults are to be compared with.
  await last(Math.min(CALM_MS_MAX, CALM_SHARE * options.ms));
  const breaking = runFaults({
    kinds: faultKinds(redis !== undefined).filter(options.withFault ?? (() => true)),
    scene: {
      random: faultRandom,
      processes,
      databaseLinks,
      redisLinks,
      postgres,
      redis,
      last,
      openTransaction: workload.openTransaction,
    },
    log: faults,
    random: faultRandom,
    onError: failed,
    stopped: () => calmed.signal.aborted,
  });
  await last(options.ms - (performance.now() - beganMs));
  calmed.abort();
  await breaking;
  phase.calm = true;
  let recoveryMs = NaN;
  if (failures.length === 0 && !signal?.aborted) {
    say('everything is healed; looking whether it works again');
    recoveryMs = await checkRecovery({ processes, rows, workload, history });
  }
  phase.stopped = true;
  for (const failure of failures) throw failure;
  if (signal?.aborted) throw new Error('interrupted');
  await working;
  for (const failure of failures) throw failure;

  return {
    seed: options.seed,
    reads: history.readsChecked(),
    rowsShown: history.rowsShown(),
    writes: history.writesChecked(),
    graceAnswers: history.graceAnswers(),
    faults: faults.all.length,
    violations: history.violations(),
    counterexamples: history.counterexamples,
    availability: figures.availability(),
    writeLatency: figures.writes(),
    lag: probe.lag(),
    outcomes: figures.outcomes(),
    unanswered: figures.unanswered(),
    recoveryMs,
  };
}

async function allUp(processes: readonly ApiProcess[], signal?: AbortSignal): Promise<void> {
  const giveUpAt = performance.now() + 2 * START_MS_MAX;
  while (processes.some((process) => process.life() === undefined)) {
    if (performance.now() > giveUpAt) throw new Error('the processes did not start');
    if (signal?.aborted) throw new Error('interrupted');
    await sleep(50, undefined);
  }
}

/** Early when the signal says so. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

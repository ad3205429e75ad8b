/**
 * How long after its commit a write is seen in the caches of the other processes. The probe has a
 * scene of its own: it writes it through one process and meanwhile asks the others again and again.
 * When the commit was, PostgreSQL tells (`track_commit_timestamp`), on the same machine's clock.
 */
import type { Random } from '../simulation/random.ts';
import type { ApiProcess, Life } from './api-process.ts';
import type { FaultLog } from './fault-log.ts';
import { spreadOf, type Spread } from './figures.ts';
import type { OwnPostgres } from './own-postgres.ts';
import type { OwnRows } from './own-rows.ts';
import { LEASE_MS } from './settings.ts';
import type { Workload } from './workload.ts';

export interface LagProbe {
  /** Until `stopped`. */
  run(): Promise<void>;
  lag(): { all: Spread; healthy: Spread };
}

export interface LagProbeOptions {
  readonly processes: readonly ApiProcess[];
  readonly postgres: OwnPostgres;
  readonly rows: OwnRows;
  readonly workload: Workload;
  readonly faults: FaultLog;
  readonly random: Random;
  readonly pause: (ms: number) => Promise<void>;
  readonly stopped: () => boolean;
}

const PROBE_EVERY_MS = 700;
const ASK_EVERY_MS = 2;
/** A process that is cut off, stopped or gone is not waited for. */
const ASKING_MS_MAX = 3 * LEASE_MS;

export function createLagProbe(options: LagProbeOptions): LagProbe {
  const { processes, postgres, rows, workload, faults, random, pause, stopped } = options;
  const { row, key } = rows.probe;
  const all: number[] = [];
  const healthy: number[] = [];

  /** When it was first seen there to have been written after `number`; epoch milliseconds. */
  async function firstSeen(life: Life, number: number): Promise<number | undefined> {
    const giveUpAt = performance.now() + ASKING_MS_MAX;
    while (!stopped() && performance.now() < giveUpAt) {
      const answer = await workload.read(life, key, 'channel');
      const now = Date.now();
      if (answer && answer.shown[0]![1] > number) return now;
      if (processes[life.slot]!.life() !== life) return undefined;
      await pause(ASK_EVERY_MS);
    }
    return undefined;
  }

  async function probe(): Promise<void> {
    const lives = processes.flatMap((process) => process.life() ?? []);
    const writer = random.pick(lives);
    const sql = postgres.sql();
    const [before] = await sql<{ version: number }[]>`
      select version from scenes where id = ${row.id}`;
    const calm = faults.quiet();
    const others = lives.filter((life) => life !== writer);
    const seen = Promise.all(others.map((life) => firstSeen(life, before!.version)));
    const written = await workload.write(writer, row);
    const times = await seen;
    if (written === undefined) return;
    const [commit] = await sql<{ ms: number }[]>`
      select (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000)::float8 as ms
        from scenes where id = ${row.id}`;
    for (const time of times) {
      if (time === undefined) continue;
      const ms = Math.max(0, time - commit!.ms);
      all.push(ms);
      if (calm && faults.quiet()) healthy.push(ms);
    }
  }

  return {
    async run() {
      while (!stopped()) {
        await pause(random.around(PROBE_EVERY_MS));
        // Without the database there is nothing to measure.
        await probe().catch(() => undefined);
      }
    },
    lag: () => ({ all: spreadOf(all), healthy: spreadOf(healthy) }),
  };
}

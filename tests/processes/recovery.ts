/**
 * After all faults are healed: within a few leases, and with nobody's help, every process answers
 * every key from its cache again, and acknowledges a write without waiting for a lease.
 */
import type { ApiProcess, Life } from './api-process.ts';
import type { History } from './history.ts';
import type { OwnRows, ReadableKey } from './own-rows.ts';
import { LEASE_MS, RECOVERY_MS_MAX } from './settings.ts';
import type { Workload } from './workload.ts';

export interface RecoveryOptions {
  readonly processes: readonly ApiProcess[];
  readonly rows: OwnRows;
  readonly workload: Workload;
  readonly history: History;
}

const TRY_AGAIN_MS = 50;
/** A write that waited for a lease took all of it. */
const PROMPT_WRITE_MS = LEASE_MS / 2;

/** @returns how long the slowest process took, in milliseconds */
export async function checkRecovery(options: RecoveryOptions): Promise<number> {
  const { processes, rows, workload, history } = options;
  const healedMs = performance.now();
  const giveUpAt = healedMs + RECOVERY_MS_MAX;

  async function until(done: () => Promise<boolean>, what: string): Promise<void> {
    while (!(await done())) {
      if (performance.now() > giveUpAt) {
        history.fail('liveness', `${what} within ${RECOVERY_MS_MAX} ms after all was healed`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }
  const isHit = async (life: Life | undefined, key: ReadableKey): Promise<boolean> => {
    const answer = life && (await workload.read(life, key, 'http'));
    return answer?.mark?.outcome === 'hit';
  };
  const isPrompt = async (life: Life | undefined): Promise<boolean> => {
    const beganMs = performance.now();
    const written = life && (await workload.write(life, rows.probe.row));
    return written !== undefined && performance.now() - beganMs < PROMPT_WRITE_MS;
  };

  await Promise.all(
    processes.map(async (process) => {
      const who = `process ${process.slot}`;
      for (const key of rows.keys) {
        await until(() => isHit(process.life(), key), `${who} served no hit of ${key.name}`);
      }
      await until(() => isPrompt(process.life()), `${who} acknowledged no write promptly`);
    }),
  );
  return performance.now() - healedMs;
}

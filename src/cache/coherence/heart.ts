/**
 * The timer of the production driver: renews a member every quarter of a lease, on the real clock.
 * The only file of this folder that owns a timer for longer than one effect.
 */
import type { Clock } from './lease.ts';
import type { Member } from './member.ts';
import type { Ports } from './ports.ts';
import { run } from './run.ts';

export const systemClock: Clock = {
  monoMs: () => performance.now(),
  wallMs: () => Date.now(),
};

export interface Heart {
  /** Resolves after the first renewal that succeeded. */
  readonly ready: Promise<void>;
  /** Ends the rhythm and leaves: waits for a renewal under way, then deletes the own row. */
  stop(): Promise<void>;
}

export function startHeart(member: Member, ports: Ports): Heart {
  let stopping = false;
  let wake = (): void => {};
  let markReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const beatOn = async (): Promise<void> => {
    while (!stopping) {
      const startedMs = performance.now();
      const { renewed } = await run(member.renew(), ports);
      if (renewed) markReady();
      if (stopping) return;
      await pause(Math.max(0, member.renewEveryMs - (performance.now() - startedMs)));
    }
  };
  const rhythm = beatOn();
  return {
    ready,
    stop: async () => {
      stopping = true;
      wake();
      await rhythm;
      await run(member.leave(), ports);
    },
  };
}

/**
 * A slow clock that a test may move on: a lease does not run out because the machine is busy, and
 * one lease passes in one call. Renewals go on at their real pace. It does not stand still, since a
 * writer who could not read the members waits for a lease to pass on it.
 */
import type { Clock } from '../../src/cache/coherence/index.ts';

/** A lease of 200 ms then lasts 4 s: no renewal every 50 ms is as late as that. */
const PACE = 1 / 20;

export interface SlowClock extends Clock {
  advance(ms: number): void;
}

export function createSlowClock(): SlowClock {
  let addedMs = 0;
  const startedAt = Date.now();
  const startedMs = performance.now();
  const passedMs = () => (performance.now() - startedMs) * PACE + addedMs;
  return {
    monoMs: passedMs,
    wallMs: () => startedAt + passedMs(),
    advance(ms) {
      addedMs += ms;
    },
  };
}

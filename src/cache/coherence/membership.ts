/**
 * Housekeeping that rides on renewals: deleting the rows of dead members, so that writers need not
 * wait for them, and trimming the outbox. Both only cost time when they don't happen.
 */
import { leaveDirectory, reap, trim, type Op } from './effects.ts';
import type { Grave, Observation } from './ports.ts';
import type { MemberState } from './state.ts';

export function* tend(state: MemberState, seen: Observation): Op<void> {
  for (const grave of watch(state, seen)) yield* bury(state, grave);
  const below = trimmable(state, seen.xmin);
  const share = state.limits.trimShare / Math.max(1, seen.beats.size);
  if (below !== undefined && state.random() < share) yield* trimBelow(state, below);
}

/** Notes every member's beat; returns those that have stood still for a whole lease. */
function watch(state: MemberState, seen: Observation): Grave[] {
  const now = state.clock.monoMs();
  const dead: Grave[] = [];
  for (const [id, beat] of seen.beats) {
    if (id === state.id) continue;
    const pulse = state.pulses.get(id);
    if (pulse === undefined || pulse.beat !== beat) {
      state.pulses.set(id, { beat, sinceMonoMs: now });
    } else if (now - pulse.sinceMonoMs >= state.leaseMs) {
      // FENCE stood-still: on my own clock since I saw it, never by the database's: only then has
      // its lease, which began before that beat was committed, run out.
      dead.push({ id, beat, identity: seen.identity });
    }
  }
  for (const id of state.pulses.keys()) if (!seen.beats.has(id)) state.pulses.delete(id);
  return dead;
}

function* bury(state: MemberState, grave: Grave): Op<void> {
  try {
    // FENCE reap-beat-seen: it may have come back since; only the row that I saw may go. A replica
    // that has taken over may show that row as new: it must be the database where I saw it.
    yield* reap(grave, state.leaseMs);
    state.emit({ type: 'member-reaped', id: grave.id });
  } catch (error) {
    state.emit({ type: 'renewal-failed', step: 'reap', error });
  }
}

/** The newest horizon that is several leases old, if there is one yet. */
function trimmable(state: MemberState, xmin: number): number | undefined {
  const now = state.clock.monoMs();
  const oldEnough = now - state.limits.trimLeases * state.leaseMs;
  let below: number | undefined;
  while (state.horizons.length > 0 && state.horizons[0]!.monoMs <= oldEnough) {
    below = state.horizons.shift()!.horizon;
  }
  // The one that is used stays as the first, for the next trim.
  if (below !== undefined) state.horizons.unshift({ monoMs: oldEnough, horizon: below });
  state.horizons.push({ monoMs: now, horizon: xmin });
  return below;
}

function* trimBelow(state: MemberState, below: number): Op<void> {
  const { outboxRowsKept, trimRowsMax } = state.limits;
  try {
    yield* trim({ below, rowsKept: outboxRowsKept, rowsDeletedMax: trimRowsMax }, state.leaseMs);
    state.emit({ type: 'trimmed' });
  } catch (error) {
    state.emit({ type: 'renewal-failed', step: 'trim', error });
  }
}

/** Stops using caches, then deletes the own row: writers stop waiting only after that. */
export function* leave(state: MemberState): Op<void> {
  // FENCE stop-then-leave: the row is what makes writers wait for this process.
  state.stopped = true;
  state.lease.drop();
  state.l1.clear();
  try {
    yield* leaveDirectory(state.id, state.leaseMs);
  } catch (error) {
    state.emit({ type: 'renewal-failed', step: 'leave', error });
  }
  state.emit({ type: 'left' });
}

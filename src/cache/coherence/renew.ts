/**
 * Renewal: proves to this process, every quarter of a lease, that it knows every committed write.
 * First its beat is committed; only then, in a snapshot of its own, the outbox is read. A writer
 * whose commit that snapshot lacks reads the member list later, and finds this process on it.
 */
import { beat, observe, type Op } from './effects.ts';
import type { RenewStep } from './events.ts';
import { changedDatabase, xmaxOf } from './identity.ts';
import { readClock, type ClockReading } from './lease.ts';
import { tend } from './membership.ts';
import type { Observation } from './ports.ts';
import { leaseHeld, type MemberState } from './state.ts';

export interface RenewOutcome {
  readonly renewed: boolean;
  readonly rows: number;
}

const NOT_RENEWED: RenewOutcome = { renewed: false, rows: 0 };

/** One at a time: a second call while one is running does nothing. Never throws. */
export function* renew(state: MemberState): Op<RenewOutcome> {
  if (state.renewing || state.stopped) return NOT_RENEWED;
  state.renewing = true;
  let step: RenewStep = 'beat';
  try {
    // FENCE lease-from-before: counted from the reply, the lease would outlast what a writer waits.
    const before = readClock(state.clock);
    // FENCE two-statements: in one, a writer could commit, read the members without me and be
    // acknowledged, while my snapshot lacks its write.
    const mine = yield* beat(state.id, state.leaseMs);
    step = 'observe';
    const seen = yield* observe(state.since, state.leaseMs);
    if (state.stopped) return NOT_RENEWED;
    if (changedDatabase(state, seen)) return NOT_RENEWED;
    // FENCE listed: reaped meanwhile, or the beat went to another server: no writer asks me.
    if (seen.beats.get(state.id) !== mine) {
      state.emit({ type: 'renewal-unlisted' });
      return NOT_RENEWED;
    }
    apply(state, seen, before);
    yield* tend(state, seen);
    return { renewed: true, rows: seen.rows.length };
  } catch (error) {
    state.emit({ type: 'renewal-failed', step, error });
    return NOT_RENEWED;
  } finally {
    state.renewing = false;
    leaseHeld(state);
  }
}

/** In this order: rows, then horizon, then lease. Each claims what the one before has done. */
function apply(state: MemberState, seen: Observation, before: ClockReading): void {
  const { knowledge } = state;
  const { horizon } = knowledge;
  if (horizon === undefined || horizon < seen.trimMark) {
    // FENCE trim-mark: rows between my horizon and the mark may be gone unread.
    knowledge.missedBelow(seen.trimMark);
    if (horizon !== undefined) state.emit({ type: 'behind-trim-mark', mark: seen.trimMark });
  }
  // FENCE rows-first: a raised horizon without its rows calls entries usable that are not.
  for (const row of seen.rows) knowledge.apply(row.xid, row.tags);
  knowledge.raiseHorizon(seen.xmin);
  state.since = { horizon: seen.xmin, snapshot: seen.snapshot };
  state.xmaxSeen = xmaxOf(seen.snapshot);
  state.lease.extend(before);
}

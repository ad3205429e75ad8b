/**
 * Which database everything known is about. Its xids mean nothing in another one, nor in its own
 * past: after a fail-over, a restore or a copy put back in place, caches and knowledge start afresh.
 */
import type { Xid } from './entry.ts';
import type { Observation } from './ports.ts';
import type { MemberState } from './state.ts';

/** The first identity heard of, by a renewal, a message or an own write. */
export function adopt(state: MemberState, identity: string): void {
  state.identity = identity;
  state.namespace = identity;
  state.emit({ type: 'identity-learned', identity });
}

/** Starts afresh, and tells so, if what was seen is not the database that knowledge is about. */
export function changedDatabase(state: MemberState, seen: Observation): boolean {
  if (state.identity === undefined) adopt(state, seen.identity);
  // FENCE database-identity: xids of another database compare to nothing here.
  if (seen.identity !== state.identity) {
    startAfresh(state, seen.identity);
    return true;
  }
  // FENCE database-rewound: the same, with an earlier past. Not by xmin, which an old transaction
  // may have held where it is now. What the store has under the name comes from a future that did
  // not happen; only this process can tell, so it takes a name of its own.
  if (xmaxOf(seen.snapshot) < state.xmaxSeen) {
    startAfresh(state, seen.identity);
    state.namespace = `${seen.identity}#${state.id}.${state.knowledge.seq}`;
    return true;
  }
  return false;
}

export function startAfresh(state: MemberState, identity: string): void {
  const why = identity === state.identity ? 'rewound' : 'identity';
  state.lease.drop();
  state.knowledge.reset();
  // Entries and flights are refused from now on (FENCE blur); cleared, they don't take room.
  state.l1.clear();
  state.flights.clear();
  state.pulses.clear();
  state.horizons = [];
  state.since = undefined;
  state.xmaxSeen = 0;
  state.reusedBelow = Math.max(state.reusedBelow, state.announcedMax + 1);
  state.identity = identity;
  state.namespace = identity;
  state.emit({ type: 'database-changed', why });
}

/** Of `pg_current_snapshot()::text`, which is xmin:xmax:xip_list. */
export function xmaxOf(snapshot: string): Xid {
  return Number(snapshot.split(':')[1]);
}

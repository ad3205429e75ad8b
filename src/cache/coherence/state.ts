/**
 * Everything one member holds: shared by its operations (read, write, renewal), private to them.
 */
import type { BriefMap } from './brief-map.ts';
import type { Xid } from './entry.ts';
import type { Emit } from './events.ts';
import type { Flight } from './flight.ts';
import type { Knowledge } from './knowledge.ts';
import type { Latch } from './latch.ts';
import type { Clock, Lease } from './lease.ts';
import type { Limits } from './limits.ts';
import type { Beat, MemoryPort, Since } from './ports.ts';
import type { Slots } from './slots.ts';

/** A write that waits for the answers of others. */
export interface PendingWrite {
  readonly answered: Set<string>;
  /** Undefined until the member list is read. */
  missing: Set<string> | undefined;
  readonly complete: Latch<true>;
}

/** Another member's beat, and since when, on this process's clock, it has stood still. */
export interface Pulse {
  beat: Beat;
  sinceMonoMs: number;
}

export interface MemberState {
  readonly id: string;
  readonly leaseMs: number;
  readonly mode: 'lease' | 'eventual';
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: Limits;
  readonly l1: MemoryPort;
  readonly emit: Emit;
  readonly lease: Lease;
  readonly knowledge: Knowledge;
  readonly slots: Slots;
  readonly flights: BriefMap<Flight>;
  readonly pending: Map<Xid, PendingWrite>;
  /** The highest xid this member has told others of, in any database. */
  announcedMax: Xid;
  /** Below it xids may have been told of before the database changed: answers are ambiguous. */
  reusedBelow: Xid;
  readonly pulses: Map<string, Pulse>;
  /** Of the database that knowledge is about; undefined until any is known. */
  identity: string | undefined;
  /** First part of every key in the shared store. */
  namespace: string;
  /** What the last applied observation covers. */
  since: Since | undefined;
  /** The next xid of that observation: it never goes back in one database. */
  xmaxSeen: Xid;
  /** Horizons of earlier renewals with their time, oldest first: what may be trimmed by now. */
  horizons: { readonly monoMs: number; readonly horizon: Xid }[];
  flightsStarted: number;
  leased: boolean;
  renewing: boolean;
  stopped: boolean;
}

/** Whether caches may be used now; tells when that changes. */
export function leaseHeld(state: MemberState, wallMs?: number): boolean {
  const held = state.lease.held(wallMs);
  if (held !== state.leased) {
    state.leased = held;
    state.emit({ type: held ? 'lease-gained' : 'lease-lost' });
  }
  return held;
}

export function storeKey(state: MemberState, key: string): string {
  return `${state.namespace}/${key}`;
}

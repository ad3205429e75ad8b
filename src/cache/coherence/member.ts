/**
 * One process's part in the protocol: the facade over its state and operations. Pure: no I/O, no
 * timers, no randomness but what it is given. Operations are run by `run` (run.ts) or a simulator.
 */
import { BriefMap } from './brief-map.ts';
import type { Op } from './effects.ts';
import type { Entry, Provenance, Xid } from './entry.ts';
import type { Emit } from './events.ts';
import type { Flight } from './flight.ts';
import { Knowledge } from './knowledge.ts';
import { Lease, type Clock } from './lease.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { leave } from './membership.ts';
import type { MemoryPort, Message } from './ports.ts';
import { found, hit, look, read, type Answer, type Look, type ReadRequest } from './read.ts';
import { renew, type RenewOutcome } from './renew.ts';
import { Slots } from './slots.ts';
import { leaseHeld, type MemberState, type PendingWrite, type Pulse } from './state.ts';
import { receive, written, type WriteOutcome, type Written } from './write.ts';

export interface MemberOptions {
  /** New at each start of the process: never a host name. */
  readonly id: string;
  /** How long a writer may have to wait for this process. The same in all processes. */
  readonly leaseMs: number;
  /** `eventual`: writes return without waiting for anybody. */
  readonly mode: 'lease' | 'eventual';
  readonly clock: Clock;
  /** 0 <= x < 1. */
  readonly random: () => number;
  readonly l1: MemoryPort;
  readonly limits?: Partial<Limits>;
  readonly emit?: Emit;
}

export interface MemberStatus {
  readonly id: string;
  readonly leaseHeld: boolean;
  readonly leaseRemainingMs: number;
  readonly identity: string | undefined;
  readonly horizon: Xid | undefined;
  readonly floor: Xid;
  readonly knownTags: number;
  /** Other members seen by the last renewal. */
  readonly others: number;
  readonly flights: number;
  readonly loads: number;
  readonly queuedLoads: number;
  readonly pendingWrites: number;
}

export interface Explanation {
  readonly provenance: Provenance | undefined;
  readonly usable: boolean;
  readonly tags: readonly {
    readonly tag: string;
    readonly floor: Xid;
    readonly xids: readonly Xid[];
  }[];
}

export interface Member {
  readonly id: string;
  /** Ms between two renewals: a quarter of a lease, so that three may fail in a row. */
  readonly renewEveryMs: number;
  /** The fresh entry in L1 if it may be answered at once. When not: `read`. */
  hit(key: string): Entry | undefined;
  /** No hit: whether to look into the shared store before `read`, which does it by itself else. */
  look(key: string): Look | undefined;
  /** What the look found, if it may be answered. When not: `read`, with `looked`. */
  found(key: string, look: Look, entry: Entry | undefined): Entry | undefined;
  read(request: ReadRequest): Op<Answer>;
  written(write: Written): Op<WriteOutcome>;
  renew(): Op<RenewOutcome>;
  /** What the journal delivers. Returns the answer to publish to `answer.to`, if any. */
  receive(message: Message): Message | undefined;
  leave(): Op<void>;
  status(): MemberStatus;
  /** What is known of the tags, and why the key's L1 entry may or may not be used. */
  explain(key: string, tags: readonly string[]): Explanation;
}

export function createMember(options: MemberOptions): Member {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { clock, leaseMs } = options;
  const state: MemberState = {
    id: options.id,
    leaseMs,
    mode: options.mode,
    clock,
    random: options.random,
    limits,
    l1: options.l1,
    emit: options.emit ?? (() => {}),
    lease: new Lease(clock, leaseMs),
    knowledge: new Knowledge(limits),
    slots: new Slots(limits),
    flights: new BriefMap<Flight>(),
    pending: new Map<Xid, PendingWrite>(),
    announcedMax: 0,
    reusedBelow: 0,
    pulses: new Map<string, Pulse>(),
    identity: undefined,
    namespace: '',
    since: undefined,
    xmaxSeen: 0,
    horizons: [],
    flightsStarted: 0,
    leased: false,
    renewing: false,
    stopped: false,
  };
  return {
    id: options.id,
    renewEveryMs: leaseMs / 4,
    hit: (key) => hit(state, key),
    look: (key) => look(state, key),
    found: (key, { resets }, entry) => found(state, key, { resets, entry }),
    read: (request) => read(state, request),
    written: (write) => written(state, write),
    renew: () => renew(state),
    receive: (message) => receive(state, message),
    leave: () => leave(state),
    status: () => status(state),
    explain: (key, tags) => explain(state, key, tags),
  };
}

function status(state: MemberState): MemberStatus {
  const { knowledge, slots } = state;
  return {
    id: state.id,
    leaseHeld: leaseHeld(state),
    leaseRemainingMs: state.lease.remainingMs(),
    identity: state.identity,
    horizon: knowledge.horizon,
    floor: knowledge.floor,
    knownTags: knowledge.tagCount,
    others: state.pulses.size,
    flights: state.flights.size,
    loads: slots.taken,
    queuedLoads: slots.queued,
    pendingWrites: state.pending.size,
  };
}

function explain(state: MemberState, key: string, tags: readonly string[]): Explanation {
  const resident = state.l1.get(key);
  const entry = resident?.entry;
  const asked = [...new Set([...tags, ...(entry?.tags ?? [])])];
  return {
    provenance: entry?.provenance,
    usable:
      resident !== undefined && state.knowledge.unchanged(resident.entry.tags, resident.checkedAt),
    tags: asked.map((tag) => ({ tag, ...state.knowledge.explain(tag) })),
  };
}

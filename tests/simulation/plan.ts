/**
 * What one seed does: sizes, rates and the faults that are switched on. Each seed takes a random
 * subset (swarm testing: Groce et al., ISSTA 2012), because faults that are always on together hide
 * what only one of them shows.
 */
import type { Random } from './random.ts';

export interface Plan {
  readonly leaseMs: number;
  readonly mode: 'lease' | 'eventual';
  readonly processes: number;
  readonly keys: number;
  readonly facts: number;
  readonly tables: number;
  /** Faults happen until then; then everything heals, and liveness is looked at. */
  readonly busyMs: number;
  readonly readEveryMs: number;
  readonly writeEveryMs: number;
  /** Reads placed right behind an acknowledgement, where an old value would show. */
  readonly probes: number;
  readonly store: boolean;
  readonly journal: boolean;
  readonly latencyMs: number;
  readonly loadMs: number;
  readonly storeMs: number;
  readonly freshness: FreshnessPlan;
  readonly limits: LimitsPlan;
  readonly faults: FaultPlan;
  readonly writes: WritePlan;
}

export interface FreshnessPlan {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly graceMs: number;
  readonly earlyRefresh: number | undefined;
  readonly softTimeoutMs: number | undefined;
  readonly loadTimeoutMs: number;
  /** Share of loads that return a `validUntil` of their own. */
  readonly capped: number;
  readonly uncacheable: number;
  readonly bypass: number;
}

export interface LimitsPlan {
  readonly tagsMax: number;
  readonly xidsPerTagMax: number;
  readonly loadsMax: number;
  readonly loadQueueMax: number;
  readonly trimShare: number;
  readonly trimLeases: number;
  readonly outboxRowsKept: number;
  readonly trimRowsMax: number;
  /** L1 entries; 0: no bound. */
  readonly l1Max: number;
}

export interface WritePlan {
  /** Share of writes made behind the API's back. */
  readonly external: number;
  readonly rollback: number;
  readonly long: number;
  readonly multi: number;
  /** Share of writes that are listed by their table's tag only. */
  readonly bulk: number;
  /** Share of commits whose reply is lost. */
  readonly unknown: number;
}

/** Mean ms between two of a kind over the whole world; 0: never. */
export interface FaultPlan {
  readonly pause: number;
  /** Share of pauses in which the monotonic clock stands still. */
  readonly suspended: number;
  readonly pauseMs: number;
  /** Chance that a process stalls at any single await. */
  readonly stall: number;
  readonly wallJump: number;
  /** Clocks run at rates up to this share off (at most 0.025, 5% apart). */
  readonly drift: number;
  readonly crash: number;
  readonly leave: number;
  /** A second process is started for one that is only paused. */
  readonly replace: number;
  readonly databaseCrash: number;
  readonly failOver: number;
  readonly lossy: boolean;
  /** By how much a lossy replica lags, at most. */
  readonly lagMs: number;
  /** Until it has taken over, at most. */
  readonly downMs: number;
  readonly rewind: boolean;
  readonly databaseSlow: number;
  readonly databaseCut: number;
  readonly databaseClock: number;
  readonly replyLost: number;
  readonly storeFault: number;
  readonly storeErrors: number;
  readonly journalLoss: number;
  readonly journalDelay: number;
  readonly journalTwice: number;
  readonly journalCut: number;
  /** Cut off right after a renewal, with a write right behind it: the edges of leases. */
  readonly ambush: number;
  /** Share of the ambushes on one with a lease; the rest leaves it alone for other ambushes. */
  readonly isolation: number;
  /** The source gets slower with every concurrent load, and there are too many. */
  readonly overload: boolean;
}

const LEASE_MS = 2000;

export function makePlan(random: Random): Plan {
  const { some, rate } = dice(random);
  const facts = 2 + random.below(4);
  const store = random.chance(0.75);
  const journal = random.chance(0.9);
  const calm = random.chance(0.15);
  const overload = random.chance(0.06);
  const failOver = calm ? 0 : rate(0.35, 1500, 7000);
  const rewind = failOver > 0 && !store && random.chance(0.5);
  const tiny = random.chance(0.55);
  const readEveryMs = random.pick([20, 40, 80]);
  return {
    leaseMs: LEASE_MS,
    mode: random.chance(0.04) ? 'eventual' : 'lease',
    processes: 2 + random.below(random.chance(0.5) ? 2 : 4),
    keys: overload ? 30 + random.below(30) : 2 + random.below(5),
    facts,
    tables: 1 + random.below(2),
    busyMs: random.between(5000, 11000),
    readEveryMs,
    writeEveryMs: random.pick([80, 200, 500, 1200]),
    probes: random.below(4),
    store,
    journal,
    latencyMs: random.pick([0.3, 1, 4]),
    loadMs: random.pick([2, 10, 60, 250]),
    storeMs: some(0.3, () => random.pick([10, 60]), 0),
    freshness: {
      ttlMs: random.pick([300, 1500, 60_000, 60_000]),
      staleMs: some(0.3, () => random.pick([500, 5000]), 0),
      graceMs: some(0.4, () => random.pick([1000, 60_000]), 0),
      earlyRefresh: some(0.35, () => random.pick([0.02, 0.3, 0.8]), undefined),
      softTimeoutMs: some(0.3, () => random.pick([5, 50]), undefined),
      loadTimeoutMs: random.pick([400, 1500, 5000]),
      capped: some(0.2, () => 0.3, 0),
      uncacheable: some(0.1, () => 0.2, 0),
      bypass: some(0.1, () => 0.1, 0),
    },
    limits: {
      tagsMax: tiny ? 1 + random.below(5) : 1000,
      xidsPerTagMax: tiny ? 1 + random.below(4) : 16,
      loadsMax: overload ? 4 : some(0.3, () => 1 + random.below(3), 14),
      loadQueueMax: some(0.2, () => random.below(4), 1000),
      trimShare: some(0.6, () => random.pick([0.5, 2]), 0.05),
      trimLeases: random.pick([0.3, 1, 2]),
      outboxRowsKept: some(0.6, () => random.below(4), 1000),
      trimRowsMax: some(0.5, () => 1 + random.below(6), 1000),
      l1Max: some(0.2, () => 1 + random.below(3), 0),
    },
    writes: {
      external: some(0.4, () => random.between(0.05, 0.4), 0),
      rollback: some(0.4, () => 0.15, 0),
      long: some(0.5, () => random.between(0.02, 0.2), 0),
      multi: some(0.6, () => 0.4, 0),
      bulk: some(0.3, () => 0.2, 0),
      unknown: calm ? 0 : some(0.3, () => random.between(0.05, 0.3), 0),
    },
    faults: calm || overload ? peace(overload) : storm(random, { failOver, rewind }),
  };
}

interface Disaster {
  readonly failOver: number;
  readonly rewind: boolean;
}

function storm(random: Random, disaster: Disaster): FaultPlan {
  const { failOver, rewind } = disaster;
  const { some, rate } = dice(random);
  const faults: FaultPlan = {
    pause: rate(0.5, 300, 3000),
    suspended: some(0.5, () => random.between(0.3, 1), 0),
    pauseMs: random.pick([100, 700, 2500]),
    stall: some(0.3, () => random.between(0.0005, 0.005), 0),
    wallJump: rate(0.35, 300, 3000),
    drift: some(0.5, () => 0.025, 0),
    crash: rate(0.35, 1000, 5000),
    leave: rate(0.35, 1000, 5000),
    replace: rate(0.2, 1000, 4000),
    databaseCrash: rate(0.12, 3000, 9000),
    failOver,
    lossy: random.chance(0.6),
    lagMs: random.pick([300, 3000]),
    downMs: random.pick([200, 200, 2500]),
    rewind,
    databaseSlow: rate(0.25, 1500, 6000),
    databaseCut: rate(0.5, 500, 4000),
    databaseClock: rate(0.15, 1000, 5000),
    replyLost: some(0.3, () => random.between(0.005, 0.08), 0),
    storeFault: rate(0.6, 200, 2500),
    storeErrors: some(0.3, () => random.between(0.02, 0.3), 0),
    journalLoss: some(0.5, () => random.pick([0.05, 0.3, 0.9]), 0),
    journalDelay: some(0.5, () => random.pick([5, 100, 1500]), 0),
    journalTwice: some(0.3, () => 0.2, 0),
    journalCut: rate(0.4, 500, 4000),
    ambush: some(0.5, () => random.between(0.05, 0.4), 0),
    isolation: 1,
    overload: false,
  };
  return rewind ? { ...faults, ...STEADY } : faults;
}

/**
 * A database put back in place is noticed by whoever renewed shortly before. Who had not may be
 * fooled, which is not promised: so these seeds keep renewals going.
 */
const STEADY: Partial<FaultPlan> = {
  pause: 0,
  stall: 0,
  replace: 0,
  databaseCrash: 0,
  databaseSlow: 0,
  databaseCut: 0,
  replyLost: 0,
  ambush: 0,
};

interface Dice {
  some<T>(chance: number, value: () => T, none: T): T;
  rate(chance: number, from: number, to: number): number;
}

function dice(random: Random): Dice {
  const some = <T>(chance: number, value: () => T, none: T): T =>
    random.chance(chance) ? value() : none;
  return {
    some,
    rate: (chance, from, to) => some(chance, () => random.between(from, to), 0),
  };
}

function peace(overload: boolean): FaultPlan {
  return {
    pause: 0,
    suspended: 0,
    pauseMs: 0,
    stall: 0,
    wallJump: 0,
    drift: 0,
    crash: 0,
    leave: 0,
    replace: 0,
    databaseCrash: 0,
    failOver: 0,
    lossy: false,
    lagMs: 0,
    downMs: 0,
    rewind: false,
    databaseSlow: 0,
    databaseCut: 0,
    databaseClock: 0,
    replyLost: 0,
    storeFault: 0,
    storeErrors: 0,
    journalLoss: 0,
    journalDelay: 0,
    journalTwice: 0,
    journalCut: 0,
    ambush: 0,
    isolation: 0,
    overload,
  };
}

/** No faults: what the protocol costs when all is well, for a fleet of this size. */
export function makeCalmPlan(random: Random, fleet: Fleet): Plan {
  const plan = makePlan(random);
  return {
    ...plan,
    mode: 'lease',
    processes: fleet.processes,
    keys: fleet.keys,
    facts: fleet.keys,
    tables: 1,
    busyMs: fleet.forMs,
    readEveryMs: 1000 / fleet.readsPerSecond,
    writeEveryMs: 1000 / fleet.writesPerSecond,
    probes: 0,
    store: true,
    journal: true,
    latencyMs: 0.3,
    loadMs: 2,
    storeMs: 0,
    freshness: {
      ttlMs: 60_000,
      staleMs: 0,
      graceMs: 0,
      earlyRefresh: undefined,
      softTimeoutMs: undefined,
      loadTimeoutMs: 5000,
      capped: 0,
      uncacheable: 0,
      bypass: 0,
    },
    limits: {
      tagsMax: 200_000,
      xidsPerTagMax: 16,
      loadsMax: 14,
      loadQueueMax: 1000,
      trimShare: 0.05,
      trimLeases: 10,
      outboxRowsKept: 100_000,
      trimRowsMax: 10_000,
      l1Max: 0,
    },
    writes: { external: 0, rollback: 0, long: 0, multi: 0, bulk: 0, unknown: 0 },
    faults: peace(false),
  };
}

export interface Fleet {
  readonly processes: number;
  readonly keys: number;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  readonly forMs: number;
}

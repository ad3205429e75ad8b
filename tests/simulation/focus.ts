/**
 * Some seeds look long at one corner: a rare disaster, over and over, on few keys, with ambushes
 * around it. What chance alone would bring together once in ten thousand seeds.
 */
import type { FaultPlan, Plan } from './plan.ts';
import type { Random } from './random.ts';

/** Share of seeds that are focused. */
const FOCUSED = 0.7;

type Focus = (random: Random, plan: Plan) => Plan;

export function focus(random: Random, plan: Plan): Plan {
  if (plan.mode === 'eventual' || !random.chance(FOCUSED)) return plan;
  if (plan.faults.overload) return overrun(random, plan);
  return random.pick(FOCUSES)(random, narrowed(random, plan));
}

/** Few keys, entries that live long, and an eye on every one of them. */
function narrowed(random: Random, plan: Plan): Plan {
  const freshness = { ...plan.freshness, ttlMs: 60_000, bypass: 0, uncacheable: 0, capped: 0 };
  // Writes return at once, unless an ambush prevents it: only then is there no time to catch up.
  const smooth = { journalLoss: 0, journalDelay: 0, journalCut: 0, replyLost: 0, stall: 0 };
  return {
    ...plan,
    journal: true,
    faults: { ...plan.faults, ...smooth },
    keys: 2 + random.below(2),
    facts: 2,
    processes: 2 + random.below(2),
    probes: 1 + random.below(2),
    writeEveryMs: random.pick([150, 400, 1000]),
    loadMs: random.pick([2, 10]),
    freshness,
  };
}

/** Every write makes everybody load everything, from a source that can't. */
function overrun(random: Random, plan: Plan): Plan {
  return {
    ...plan,
    keys: 40 + random.below(40),
    facts: 2,
    processes: 3 + random.below(3),
    readEveryMs: random.pick([5, 10]),
    writeEveryMs: random.pick([200, 500]),
    latencyMs: random.pick([1, 4]),
    loadMs: random.pick([60, 250]),
    freshness: { ...plan.freshness, loadTimeoutMs: 5000 },
  };
}

function stormy(plan: Plan, faults: Partial<FaultPlan>): Plan {
  return { ...plan, faults: { ...plan.faults, ...faults } };
}

const ROOMY = { tagsMax: 1000, xidsPerTagMax: 16 };

/** Fail-overs that lose commits, so that xids are given out again. */
function failOvers(random: Random, plan: Plan): Plan {
  return stormy(
    {
      ...plan,
      store: true,
      storeMs: 0,
      processes: 2 + random.below(2),
      writeEveryMs: random.pick([60, 150]),
      limits: { ...plan.limits, ...ROOMY },
      writes: { ...plan.writes, long: 0, external: 0 },
    },
    {
      failOver: random.between(1500, 3000),
      lossy: true,
      lagMs: random.pick([300, 3000, 3000]),
      downMs: 100,
      wallJump: 0,
      storeErrors: 0,
      storeFault: random.pick([0, 0, 1000]),
      isolation: 0.05,
      rewind: false,
      databaseCrash: 0,
      databaseSlow: 0,
      databaseCut: 0,
      pause: 0,
      crash: 0,
      leave: 0,
      replace: 0,
      ambush: 0.9,
    },
  );
}

/** The outbox is trimmed at once, and the shared store comes back from long ago. */
const trims: Focus = (random, plan) =>
  stormy(
    {
      ...plan,
      store: true,
      limits: {
        ...plan.limits,
        ...ROOMY,
        trimShare: 4,
        trimLeases: 0.3,
        outboxRowsKept: 0,
        trimRowsMax: 1000,
      },
    },
    {
      crash: random.between(500, 1500),
      databaseCut: random.between(400, 1500),
      journalCut: 1000,
      storeFault: 300,
      failOver: 0,
      ambush: 0.5,
    },
  );

/** The same in peace: who is cut off lives until it is back, and has missed what was trimmed. */
const misses: Focus = (random, plan) =>
  stormy(
    {
      ...trims(random, plan),
      readEveryMs: random.pick([40, 80]),
      storeMs: 0,
      writes: { ...plan.writes, long: 0, external: 0 },
    },
    {
      crash: 0,
      leave: 0,
      replace: 0,
      pause: 0,
      wallJump: 0,
      databaseCut: 0,
      databaseCrash: 0,
      databaseSlow: 0,
      failOver: 0,
      journalCut: 0,
      storeFault: random.pick([0, 800]),
      ambush: 0.9,
      isolation: 0,
    },
  );

/** Processes are born all the time. */
const births: Focus = (random, plan) =>
  stormy(
    { ...plan, store: true, limits: { ...plan.limits, ...ROOMY, trimShare: 0.05 } },
    {
      // Of who leaves no row stays: then no write has to wait, and a birth can be too late for it.
      leave: random.between(400, 1200),
      crash: random.pick([0, 3000]),
      isolation: 0.05,
      databaseCut: 0,
      pause: 0,
      databaseSlow: 0,
      failOver: 0,
      storeFault: 800,
      ambush: 0.9,
    },
  );

/** Little is remembered, and the shared store comes back from long ago. */
const forgets: Focus = (random, plan) =>
  stormy(
    {
      ...plan,
      store: true,
      keys: 4,
      facts: 4,
      limits: { ...plan.limits, tagsMax: 1 + random.below(3), xidsPerTagMax: 1 + random.below(4) },
      writes: { ...plan.writes, long: random.pick([0.1, 0.3]), multi: 0.4 },
    },
    { storeFault: 250, failOver: 0, ambush: 0.3 },
  );

/**
 * One tag is remembered, and half of the messages are lost: the older of two writes is then learned of
 * later, by a renewal, and forgotten after the newer one.
 */
const confuses: Focus = (random, plan) =>
  stormy(
    {
      ...plan,
      store: true,
      storeMs: 0,
      keys: 4,
      facts: 4,
      processes: 3,
      readEveryMs: random.pick([40, 80]),
      writeEveryMs: random.pick([80, 150]),
      limits: { ...plan.limits, tagsMax: 1, xidsPerTagMax: 16 },
      writes: { ...plan.writes, multi: 0, bulk: 0, long: random.pick([0, 0.3]) },
    },
    { storeFault: random.pick([100, 250]), failOver: 0, journalLoss: 0.5, ambush: 0 },
  );

/** Members that seem dead while a replica takes over that lacks the last commits. */
const takeOvers: Focus = (random, plan) =>
  stormy(
    { ...plan, processes: 2 + random.below(2) },
    {
      databaseCut: random.between(300, 600),
      failOver: 8000,
      isolation: 0.05,
      lossy: true,
      rewind: false,
      pause: 0,
      crash: 0,
      leave: 0,
      replace: 0,
      databaseCrash: 0,
      databaseSlow: 0,
      ambush: 0.9,
    },
  );

/** Members that seem dead, and are not. */
const revivals: Focus = (random, plan) =>
  stormy(plan, {
    databaseCut: random.between(300, 900),
    pause: random.pick([0, random.between(500, 1500)]),
    pauseMs: 2500,
    failOver: 0,
    ambush: 0.7,
    isolation: random.pick([0.05, 1]),
  });

/** The rarer the disaster's damage, the more often. */
const FOCUSES: readonly Focus[] = [
  ...Array<Focus>(2).fill(trims),
  misses,
  ...Array<Focus>(4).fill(births),
  forgets,
  confuses,
  ...Array<Focus>(3).fill(failOvers),
  ...Array<Focus>(2).fill(takeOvers),
  /** The database is put back in place, under the same name, while old transactions are open. */
  (random, plan) =>
    stormy(
      {
        ...plan,
        store: false,
        limits: { ...plan.limits, ...ROOMY },
        writes: { ...plan.writes, long: random.pick([0, 0.3]), external: 0.3 },
      },
      {
        failOver: 2500,
        lossy: false,
        rewind: true,
        pause: 0,
        stall: 0,
        replace: 0,
        crash: 0,
        leave: 0,
        databaseCrash: 0,
        databaseSlow: 0,
        databaseCut: 0,
        replyLost: 0,
        ambush: 0,
      },
    ),
  ...Array<Focus>(2).fill(revivals),
  /** Members that leave. */
  (random, plan) =>
    stormy(plan, { leave: random.between(300, 900), failOver: 0, crash: 0, ambush: 0.7 }),
];

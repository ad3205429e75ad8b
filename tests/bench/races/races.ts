/**
 * The nine tests of what goes wrong between a database and its caches, the same for every contender.
 * They are steered, not timed: a load is held where a slow one would be, a link is cut where a
 * network would fail. Waits are there only for what no contender can be asked about.
 */
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { connected, countStale, isStale, warm, writeAll, WRITTEN, type Stage } from './tries.ts';

export type Outcome =
  | {
      readonly kind: 'stale';
      readonly stale: number;
      readonly tries: number;
      /** Writes that ended with an error: they were not acknowledged. */
      readonly refused: number;
    }
  | { readonly kind: 'loads'; readonly oneProcess: number; readonly twoProcesses: number }
  /** Undefined: it caches no values of ours. */
  | { readonly kind: 'lost'; readonly lost: readonly string[] | undefined };

export interface Race {
  readonly name: string;
  readonly what: string;
  /** How far the clock of the instance that writes is behind. */
  readonly clockBehindMs?: number;
  run(stage: Stage): Promise<Outcome>;
}

/** Messages arrive within a few milliseconds; what is stale after this stays so. */
const MESSAGES_MS = 1_000;
/** A read that joins another's load waits; one that loads by itself has ended by then. */
const JOIN_MS = 20;
/** Clocks of entries count milliseconds: a slow load ends in a later one than the invalidation. */
const SLOW_MS = 3;
const CLOCK_BEHIND_MS = 2_000;
/** Of a lease: when the other processes know of a write whose process died, however late it began. */
const LEASES_AFTER_CRASH = 1.5;
const READS_AT_ONCE = 1_000;
/** All thousand reads have begun by then, also where each loads by itself. */
const SLOW_LOAD_MS = 200;
const LOAD_ROUNDS_MAX = 5;

const stale = (count: number, tries: number, refused = 0): Outcome => ({
  kind: 'stale',
  stale: count,
  tries,
  refused,
});

async function slowLoad({ world, loading, tries, a }: Stage): Promise<Outcome> {
  let count = 0;
  for (const key of await world.addProjects(tries)) {
    const hold = loading.hold(key);
    const slow = a.read(key);
    await hold.reached;
    await a.write(key, WRITTEN);
    await pause(SLOW_MS);
    hold.open();
    await slow;
    if (await isStale(key, [a])) count += 1;
  }
  return stale(count, tries);
}

async function joinedLoad({ world, loading, tries, a }: Stage): Promise<Outcome> {
  let count = 0;
  for (const key of await world.addProjects(tries)) {
    const hold = loading.hold(key);
    const slow = a.read(key);
    await hold.reached;
    await a.write(key, WRITTEN);
    const late = isStale(key, [a]);
    await Promise.race([late, pause(JOIN_MS)]);
    hold.open();
    await slow;
    if (await late) count += 1;
  }
  return stale(count, tries);
}

async function otherInstance({ world, tries, a, b }: Stage): Promise<Outcome> {
  let count = 0;
  for (const key of await world.addProjects(tries)) {
    await warm([key], a);
    await b.write(key, WRITTEN);
    if (await isStale(key, [a])) count += 1;
  }
  return stale(count, tries);
}

async function lostMessage({ world, tries, a, b }: Stage): Promise<Outcome> {
  const keys = await world.addProjects(tries);
  await warm(keys, a);
  world.loseMessages();
  const refused = await writeAll(keys, b);
  await pause(MESSAGES_MS);
  const count = await countStale(keys, a);
  // Clients that say goodbye over a connection that is dead would wait for an answer.
  for (const link of world.busLinks) link.cut();
  for (const link of world.busLinks) link.mend('reset');
  await connected({ a, b });
  return stale(count, tries, refused);
}

async function clockBehind({ world, tries, a, b }: Stage): Promise<Outcome> {
  const keys = await world.addProjects(tries);
  let refused = 0;
  for (const key of keys) {
    await warm([key], a);
    refused += await writeAll([key], b);
  }
  await pause(MESSAGES_MS);
  return stale(await countStale(keys, a), tries, refused);
}

async function sharedAway({ world, tries, a, b }: Stage): Promise<Outcome> {
  const keys = await world.addProjects(tries);
  await warm(keys, a, b);
  for (const link of world.links) link.cut();
  const refused = await writeAll(keys, a);
  for (const link of world.links) link.mend('reset');
  await connected({ a, b });
  await pause(MESSAGES_MS);
  return stale(await countStale(keys, a, b), tries, refused);
}

async function crash({ world, tries, a, b }: Stage): Promise<Outcome> {
  const keys = await world.addProjects(tries);
  await warm(keys, a, b);
  await Promise.all(keys.map((key) => world.commit(key, WRITTEN)));
  await pause(world.leaseMs * LEASES_AFTER_CRASH);
  return stale(await countStale(keys, a, b), tries);
}

async function coldReads({ world, loading, tries, a, b }: Stage): Promise<Outcome> {
  loading.takeMs(SLOW_LOAD_MS);
  const rounds = Math.min(LOAD_ROUNDS_MAX, tries);
  const most = async (readers: Stage['a'][]): Promise<number> => {
    let loads = 0;
    const keys = await world.addProjects(rounds);
    // Until the insert itself is no news to anybody: who learns of it during a load loads again.
    await pause(world.leaseMs);
    for (const key of keys) {
      loading.count();
      await Promise.all(
        Array.from({ length: READS_AT_ONCE }, (_, index) =>
          readers[index % readers.length]!.read(key),
        ),
      );
      loads = Math.max(loads, loading.count());
    }
    return loads;
  };
  return { kind: 'loads', oneProcess: await most([a]), twoProcesses: await most([a, b]) };
}

/** Made anew for each load: what is cached may be frozen. */
function makeKinds() {
  return {
    Date: new Date(1_700_000_000_123),
    Map: new Map([['one', { n: 1 }]]),
    Set: new Set(['one', 'two']),
    undefined,
  };
}

async function kinds({ world, a, b }: Stage): Promise<Outcome> {
  if (a.readKinds === undefined || b.readKinds === undefined) {
    return { kind: 'lost', lost: undefined };
  }
  const [key] = await world.addProjects(1);
  await a.readKinds(`kinds-${key}`, async () => makeKinds());
  // Some store behind the answer.
  await pause(MESSAGES_MS);
  let loads = 0;
  const read = await b.readKinds(`kinds-${key}`, async () => {
    loads += 1;
    return makeKinds();
  });
  if (loads > 0) return { kind: 'lost', lost: ['everything'] };
  const found = read as Record<string, unknown>;
  const lost = Object.entries(makeKinds())
    .filter(([name, value]) => !(name in found) || !sameKind(found[name], value))
    .map(([name]) => name);
  return { kind: 'lost', lost };
}

/** Contents and class: frozen ones of ours have a prototype more. */
function sameKind(found: unknown, value: unknown): boolean {
  if (value instanceof Date) return found instanceof Date && found.getTime() === value.getTime();
  if (value instanceof Map) {
    return found instanceof Map && isDeepStrictEqual([...found], [...value]);
  }
  if (value instanceof Set) {
    return found instanceof Set && isDeepStrictEqual([...found], [...value]);
  }
  return found === value;
}

export const races: readonly Race[] = [
  {
    name: 'slow-load',
    what: 'slow load writes the old value back after an acknowledged invalidation',
    run: slowLoad,
  },
  {
    name: 'joined-load',
    what: 'a read after the acknowledgement joins the old load and gets the old value',
    run: joinedLoad,
  },
  {
    name: 'other-instance',
    what: 'read on another instance right after the acknowledgement',
    run: otherInstance,
  },
  { name: 'lost-message', what: 'bus message lost: stale a second later', run: lostMessage },
  {
    name: 'clock-behind',
    what: "writer's clock 2 s behind",
    clockBehindMs: CLOCK_BEHIND_MS,
    run: clockBehind,
  },
  {
    name: 'shared-away',
    what: 'store and bus away during the invalidation: stale once they are back',
    run: sharedAway,
  },
  {
    name: 'crash',
    what: 'crash between commit and invalidation: stale 1.5 leases later',
    run: crash,
  },
  {
    name: 'cold-reads',
    what: 'loads for 1,000 concurrent reads: one process / two',
    run: coldReads,
  },
  { name: 'kinds', what: 'Date, Map, Set, undefined through L2: lost', run: kinds },
];

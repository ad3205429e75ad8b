/** What the cache spares of one thing read, of many, and of analyses, each on a world of its own. */
import { setImmediate } from 'node:timers/promises';
import type { ByteStore } from '../../../src/cache/index.ts';
import { systemClock, type Clock } from '../../../src/cache/coherence/index.ts';
import { DAY, HOUR } from '../../../src/config/duration.ts';
import { createTextAnalyzer, type Analyzer } from '../../../src/services/analyzer/index.ts';
import { createSlowClock } from '../../domain/clock.ts';
import { seeded } from '../decisions/data.ts';
import { deviation, median } from '../harness.ts';
import { addTalkers, BOTS, readsOf, say, type Server } from './world.ts';

const ROUNDS = 15;
const READS_A_ROUND = 300;
/** V8 compiles what is hot only after some ten thousand calls. */
const WARM_UP_ROUNDS = 30;

export interface Comparison {
  /** Of the cached reads, how many were hits in the tier that is measured. */
  readonly hits: number;
  /** Median over the rounds of database ÷ cached. */
  readonly ratio: number;
  readonly spread: number;
  readonly cachedUs: number;
  readonly databaseUs: number;
  /** Median over the rounds of database ÷ floor; null without one. */
  readonly floorRatio: number | null;
}

interface Reading {
  /** Answered from it, with nothing in memory. Default: from memory. */
  readonly redis?: ByteStore;
  /** How many are under way at any moment, each of another persona. */
  readonly atOnce: 1 | 50;
  /** The least that asking the same server takes. */
  readonly floor?: () => Promise<unknown>;
}

/** The same procedure, answered from a cache and from the database, in turn. */
export async function comparePersonaReads(
  server: Server,
  { redis, atOnce, floor }: Reading,
): Promise<Comparison> {
  await using world = await server.createWorld({
    clock: systemClock,
    ...(redis ? { store: redis, memoryBytesMax: 0 } : {}),
  });
  const { studio } = world;
  const tier = redis ? 'l2' : 'l1';
  let reads = 0;
  let hits = 0;
  const { persona } = studio.as('owner', (mark) => {
    reads += 1;
    if (mark.outcome === 'hit' && mark.tier === tier) hits += 1;
  });
  const names = BOTS.slice(0, atOnce);
  const readAll = () => Promise.all(names.map((name) => persona.byName({ name })));
  const usOf = async (askAll: () => Promise<unknown>) => {
    await askAll();
    // A loop of hits alone would keep the lease from being renewed.
    await setImmediate();
    const began = performance.now();
    for (let n = 0; n < READS_A_ROUND; n += atOnce) await askAll();
    return ((performance.now() - began) * 1_000) / READS_A_ROUND;
  };
  const timed = (cached: boolean) => {
    studio.cache.setEnabled('persona.byName', cached);
    return usOf(readAll);
  };
  const askFloor = floor && (() => Promise.all(names.map(floor)));
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    for (const cached of [true, false]) await timed(cached);
  }
  reads = 0;
  hits = 0;
  const rounds: { cached: number; database: number; floor: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const cached = await timed(true);
    const database = await timed(false);
    rounds.push({ cached, database, floor: askFloor ? await usOf(askFloor) : Number.NaN });
  }
  const ratios = rounds.map(({ cached, database }) => database / cached);
  const ratio = median(ratios);
  return {
    hits: hits / reads,
    ratio,
    spread: deviation(ratios) / ratio,
    cachedUs: median(rounds.map(({ cached }) => cached)),
    databaseUs: median(rounds.map(({ database }) => database)),
    floorRatio: floor ? median(rounds.map(({ database, floor: us }) => database / us)) : null,
  };
}

const PEOPLE = 50;
const READS = 20_000;
/** So many reads at once, then a write: it makes one of the next reads a miss, and so 19 in 20 hits. */
const READS_AT_ONCE = 20;

export interface QueryCounts {
  readonly withCache: number;
  readonly without: number;
  readonly hitRate: number;
}

/** The same reads and writes twice; only the statements of the reads are counted. */
export async function countQueries(
  server: Server,
  { count = READS, clock = systemClock }: { count?: number; clock?: Clock } = {},
): Promise<QueryCounts> {
  const without = await playReads(server, { count, clock, cached: false });
  const withCache = await playReads(server, { count, clock, cached: true });
  return {
    withCache: withCache.statements,
    without: without.statements,
    hitRate: withCache.hits / count,
  };
}

interface Play {
  readonly count: number;
  readonly clock: Clock;
  readonly cached: boolean;
}

async function playReads(server: Server, { count, clock, cached }: Play) {
  await using world = await server.createWorld({ clock });
  const { studio, statements } = world;
  const talkers = await addTalkers(studio, PEOPLE);
  let hits = 0;
  const people = talkers.map(({ person, conversationId }) => ({
    caller: studio.as(person, ({ outcome }) => void (hits += outcome === 'hit' ? 1 : 0)),
    conversationId,
  }));
  // The same reads and writes in every run.
  const random = seeded(7);
  const pick = () => people[Math.floor(random() * people.length)]!;
  const reads = people.flatMap(({ caller, conversationId }) => readsOf(caller, conversationId));
  studio.cache.setEnabled(undefined, cached);
  // The load in which all is warm: what is asked for the first time is no miss of interest.
  await Promise.all(reads.map((read) => read()));
  hits = 0;
  for (let n = 0; n < count; n += READS_AT_ONCE) {
    statements.counting = true;
    await Promise.all(
      Array.from({ length: READS_AT_ONCE }, () => reads[Math.floor(random() * reads.length)]!()),
    );
    statements.counting = false;
    const { caller } = pick();
    const formality = Math.round(random() * 100) / 100;
    if (random() < 0.5) await caller.preferences.update({ formality });
    else await caller.personality.tune({ traits: { warmth: formality } });
  }
  return { statements: statements.n, hits };
}

const TALKERS = 10;
const DAYS = 30;
const SESSIONS_A_DAY = 3;

export interface Avoided {
  readonly sessions: number;
  readonly runs: number;
}

/** A month in which everybody talks three times a day, and asks for an analysis each time. */
export async function countAnalyses(server: Server): Promise<Avoided> {
  const clock = createSlowClock();
  const text = createTextAnalyzer();
  let runs = 0;
  const analyzer: Analyzer = {
    ...text,
    analyze(...given) {
      runs += 1;
      return text.analyze(...given);
    },
  };
  await using world = await server.createWorld({ clock, analyzer });
  const { studio } = world;
  const talkers = await addTalkers(studio, TALKERS);
  let sessions = 0;
  for (let session = 0; session < DAYS * SESSIONS_A_DAY; session += 1) {
    await Promise.all(
      talkers.map(async ({ person, conversationId }) => {
        await studio.as(person).personality.analyze();
        await say(studio, conversationId, 4 * (session + 1));
        sessions += 1;
      }),
    );
    clock.advance(session % SESSIONS_A_DAY === SESSIONS_A_DAY - 1 ? DAY - 4 * HOUR : 2 * HOUR);
  }
  return { sessions, runs };
}

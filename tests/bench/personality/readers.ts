/**
 * A thousand readers at the same moment, on the connections and limits of a deployed process. A load
 * needs one connection, and there are no more loads at once than connections: the pool cannot run out,
 * and who finds no place waits for one, without a connection, or is shed.
 */
import { systemClock, type Clock } from '../../../src/cache/coherence/index.ts';
import { DEFAULT_LIMITS } from '../../../src/cache/coherence/limits.ts';
import { CacheError } from '../../../src/cache/index.ts';
import { quantile } from '../harness.ts';
import type { Definition } from '../../domain/fixture.ts';
import { addTalkers, BOT, readsOf, type Server } from './world.ts';

export const READERS = 1_000;

export interface Readers {
  readonly name: string;
  readonly answered: number;
  /** Told to come back later: 2 s in the queue of loads, or no place left in it. */
  readonly shed: number;
  readonly failed: number;
  /** Of those who were answered. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly statements: number;
  /** The most loads at one moment, which is the most connections that were wanted. */
  readonly loads: number;
}

interface Loads {
  now: number;
  most: number;
}

const counting =
  (loads: Loads) =>
  (definition: Definition): Definition => ({
    ...definition,
    async load(...given) {
      loads.now += 1;
      loads.most = Math.max(loads.most, loads.now);
      try {
        return await definition.load(...given);
      } finally {
        loads.now -= 1;
      }
    },
  });

/** Not every SERVICE_UNAVAILABLE: a database that cannot be reached is a failure. */
const isShed = (reason: unknown): boolean =>
  reason instanceof Error &&
  reason.cause instanceof CacheError &&
  reason.cause.code === 'overloaded';

interface ReadersOptions {
  readonly clock?: Clock;
  /** After which a waiting load is shed. Default: as deployed. */
  readonly loadQueueMs?: number;
}

/** Of what is warm, of what is cold, and of one cold entry. */
export async function readInParallel(
  server: Server,
  { clock = systemClock, loadQueueMs = DEFAULT_LIMITS.loadQueueTimeoutMs }: ReadersOptions = {},
): Promise<Record<'warm' | 'cold' | 'same', Readers>> {
  const loads: Loads = { now: 0, most: 0 };
  await using world = await server.createWorld({ clock, loadQueueMs, alter: counting(loads) });
  const { studio, statements } = world;
  const talkers = await addTalkers(studio, READERS / 5);
  const all = talkers.flatMap(({ person, conversationId }) =>
    readsOf(studio.as(person), conversationId),
  );
  const flush = () => studio.as('admin').admin.flush();
  const { persona } = studio.as('owner');
  const one = Array.from({ length: READERS }, () => () => persona.byName({ name: BOT }));

  async function measure(name: string, reads: (() => Promise<unknown>)[]): Promise<Readers> {
    statements.n = 0;
    loads.most = 0;
    statements.counting = true;
    const timesMs: number[] = [];
    const outcomes = await Promise.allSettled(
      reads.map(async (read) => {
        const began = performance.now();
        await read();
        timesMs.push(performance.now() - began);
      }),
    );
    statements.counting = false;
    const refusals = outcomes.flatMap((outcome): unknown[] =>
      outcome.status === 'rejected' ? [outcome.reason] : [],
    );
    const shed = refusals.filter(isShed).length;
    return {
      name,
      answered: timesMs.length,
      shed,
      failed: refusals.length - shed,
      p50Ms: quantile(timesMs, 0.5),
      p95Ms: quantile(timesMs, 0.95),
      statements: statements.n,
      loads: loads.most,
    };
  }

  await flush();
  const cold = await measure('cold, 1,000 entries', all);
  const warm = await measure('warm, 1,000 entries', all);
  await flush();
  const same = await measure('cold, one entry', one);
  return { warm, cold, same };
}

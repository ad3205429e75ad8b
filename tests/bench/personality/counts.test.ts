/**
 * What the benchmark counts, rather than times, is the same on every machine. With a slow clock
 * and a patient queue also a busy one has time enough: nobody may be shed, and no lease runs out.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MINUTE } from '../../../src/config/duration.ts';
import { READ_CONNECTIONS_MAX } from '../../../src/db/client.ts';
import { createSlowClock } from '../../domain/clock.ts';
import { countAnalyses, countQueries } from './measures.ts';
import { READERS, readInParallel } from './readers.ts';
import { startServer, type Server } from './world.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it('at 19 hits in 20 reads the database gets less than a twentieth of the queries', async () => {
  const { hitRate, without, withCache } = await countQueries(server, {
    count: 2_000,
    clock: createSlowClock(),
  });
  expect(hitRate).toBeGreaterThan(0.94);
  expect(hitRate).toBeLessThan(0.97);
  expect(without / withCache).toBeGreaterThan(20);
});

it('in a month of sessions nine analyses in ten are spared', async () => {
  const { runs, sessions } = await countAnalyses(server);
  expect(1 - runs / sessions).toBeGreaterThan(0.9);
  // Not never: an analysis is a week old at most.
  expect(runs).toBeGreaterThanOrEqual(10 * 4);
});

it('a thousand readers at once are all answered, and never want more connections than there are', async () => {
  const { warm, cold, same } = await readInParallel(server, {
    clock: createSlowClock(),
    loadQueueMs: MINUTE,
  });
  for (const { answered, shed, failed } of [warm, cold, same]) {
    expect({ answered, shed, failed }).toEqual({ answered: READERS, shed: 0, failed: 0 });
  }
  expect([warm.statements, same.statements]).toEqual([0, 1]);
  expect([warm.loads, same.loads]).toEqual([0, 1]);
  expect(cold.loads).toBe(READ_CONNECTIONS_MAX);
});

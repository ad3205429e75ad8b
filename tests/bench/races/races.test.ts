/** The claims of the table, for ours: a few tries of each race. The peers are the benchmark's. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';
import { describeWith } from '../../fixtures/requires.ts';
import { ours } from './ours.ts';
import { races } from './races.ts';
import { runRace } from './run.ts';
import { createWorld, type World } from './world.ts';

const TRIES = 3;
const LEASE_MS = 1_000;

/** What each row of the table is to say of ours. */
const expected: Record<string, object> = {
  'cold-reads': { kind: 'loads', oneProcess: 1, twoProcesses: 1 },
  kinds: { kind: 'lost', lost: [] },
};
const neverStale = { kind: 'stale', stale: 0, tries: TRIES, refused: 0 };

describeWith(['redis-server'], 'the nine races', ({ 'redis-server': redisProgram }) => {
  let database: TestDatabase;
  let world: World;

  beforeAll(async () => {
    database = await createTestDatabase();
    world = await createWorld({ databaseUrl: database.url, redisProgram, leaseMs: LEASE_MS });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  // How often a key is loaded depends on a store that answers within 200 ms, which one on a busy machine
  // does not once in a while. No other claim depends on time, so none is tried twice.
  for (const race of races) {
    const retry = race.name === 'cold-reads' ? 2 : 0;
    it(`${race.what}: never of ours`, { retry }, async () => {
      const outcome = await runRace(race, ours, { world, tries: TRIES });
      expect(outcome).toEqual(expected[race.name] ?? neverStale);
    });
  }
});

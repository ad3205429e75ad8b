/**
 * The claims of the table, for ours and on all that processes may share: a few tries of each race. The
 * peers are the benchmark's.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';
import { describeWith } from '../../fixtures/requires.ts';
import { oursIn } from './ours.ts';
import { races } from './races.ts';
import { runRace } from './run.ts';
import {
  createClusterWorld,
  createPostgresWorld,
  createRedisWorld,
  type World,
  type WorldOptions,
} from './world.ts';

const TRIES = 3;
const LEASE_MS = 1_000;

/** What each row of the table is to say of ours. */
const expected: Record<string, object> = {
  'cold-reads': { kind: 'loads', oneProcess: 1, twoProcesses: 1 },
  kinds: { kind: 'lost', lost: [] },
};
const neverStale = { kind: 'stale', stale: 0, tries: TRIES, refused: 0 };

function racesContract(createWorld: (options: WorldOptions) => Promise<World>): void {
  let database: TestDatabase;
  let world: World;

  beforeAll(async () => {
    database = await createTestDatabase();
    world = await createWorld({ databaseUrl: database.url, leaseMs: LEASE_MS });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  // Whether a key is loaded depends on a store that answers within 200 ms, which one on a busy machine
  // does not once in a while. No other claim depends on time, so none is tried twice.
  for (const race of races) {
    const retry = ['cold-reads', 'kinds'].includes(race.name) ? 2 : 0;
    it(`${race.what}: never of ours`, { retry }, async () => {
      const outcome = await runRace(race, oursIn(world), TRIES);
      expect(outcome).toEqual(expected[race.name] ?? neverStale);
    });
  }
}

describeWith(
  ['redis-server'],
  'the nine races on one Redis',
  ({ 'redis-server': redisProgram }) => {
    racesContract((options) => createRedisWorld({ ...options, redisProgram }));
  },
);

describeWith(
  ['redis-server'],
  'the nine races on a Redis Cluster of three masters',
  ({ 'redis-server': redisProgram }) => {
    racesContract((options) => createClusterWorld({ ...options, redisProgram }));
  },
);

describe('the nine races on PostgreSQL without Redis', () => {
  racesContract(createPostgresWorld);
});

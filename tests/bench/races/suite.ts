/** `bench -- races`: the table of claims, for ours and for each peer side by side. */
import type { Row, Suite, SuiteContext, SuiteResult } from '../suite.ts';
import { withServers } from '../servers.ts';
import { TTL_MS, type Contender } from './contender.ts';
import { oursIn } from './ours.ts';
import { contenderOf } from './peer.ts';
import { peers } from './peers/index.ts';
import type { Outcome } from './races.ts';
import { describeOutcome, runRaces, type RaceResult } from './run.ts';

const TRIES = 200;

export const racesSuite: Suite = {
  name: 'races',
  what: 'nine ways in which a cache can answer what is no longer true, for ours and the peers',
  run: (context) =>
    withServers(async (servers) => {
      await using world = await servers.createWorld();
      await using cluster = await servers.createClusterWorld();
      await using alone = await servers.createPostgresWorld();
      const contenders: Contender[] = [
        oursIn(world),
        oursIn(cluster, 'Greenroom (Cluster)'),
        oursIn(alone, 'Greenroom (PostgreSQL)'),
      ];
      if (context.peersMissing === undefined) {
        contenders.push(...peers.map((peer) => contenderOf(peer, { world, ttlMs: TTL_MS })));
      }
      // An application would have ended with it, as a model's runtime that another suite has loaded
      // insists on; here the others are still to be asked.
      const listeners = process.listeners('unhandledRejection');
      process.removeAllListeners('unhandledRejection');
      process.on('unhandledRejection', (error) => context.say(`nobody caught: ${String(error)}`));
      // bentocache's bus makes its ioredis clients itself; they print each failed connection.
      const printError = console.error;
      console.error = () => undefined;
      const results = await runRaces(contenders, {
        tries: context.tries ?? TRIES,
        onResult: ({ contender, race, outcome }) =>
          context.say(`${race.name}: ${contender}: ${describeOutcome(outcome)}`),
      });
      console.error = printError;
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
      return resultOf(results, contenders, context);
    }),
};

function resultOf(
  results: readonly RaceResult[],
  contenders: readonly Contender[],
  { peersMissing }: SuiteContext,
): SuiteResult {
  const names = contenders.map(({ name }) => name);
  const whats = [...new Set(results.map(({ race }) => race.what))];
  const lines = whats.map((what) => [
    what,
    ...names.map((name) => {
      const result = results.find(
        ({ race, contender }) => race.what === what && contender === name,
      );
      return result === undefined ? '' : describeOutcome(result.outcome);
    }),
  ]);
  return {
    rows: results.map(rowOf),
    table: { head: ['stale tries / tries', ...names], lines },
    notes: [
      'Greenroom shares what the peers do: one Redis; beside it a Cluster of three masters, and PostgreSQL without Redis',
      'no peer promises what is asked of it in every row; each is set up as its documentation says',
      '“refused”: the call ended with an error, so that the caller knew; the value is stale all the same',
      '“lost”: with its own serialiser; async-cache-dedupe, bentocache and keyv take another',
      ...(peersMissing === undefined ? [] : [peersMissing]),
    ],
  };
}

function rowOf({ contender, race, outcome }: RaceResult): Row {
  const row = { name: `${race.name}: ${contender}`, spread: 0, race: race.name, contender };
  if (outcome instanceof Error) {
    return { ...row, ratio: null, floor: 'failed', error: outcome.message };
  }
  return { ...row, ...countOf(outcome), outcome };
}

function countOf(outcome: Outcome): Pick<Row, 'ratio' | 'floor'> {
  switch (outcome.kind) {
    case 'stale':
      return { ratio: outcome.stale / outcome.tries, floor: 'tries' };
    case 'loads':
      return { ratio: outcome.twoProcesses, floor: 'loads in two processes' };
    case 'lost':
      return { ratio: outcome.lost?.length ?? null, floor: 'kinds lost' };
  }
}

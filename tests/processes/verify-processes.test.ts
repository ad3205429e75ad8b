import { describe, expect, it } from 'vitest';
import { describeWith } from '../fixtures/requires.ts';
import type { Life } from './api-process.ts';
import { createFaultLog } from './fault-log.ts';
import { createHistory, type History } from './history.ts';
import type { ReadAnswer, ShownRow } from './reading.ts';
import { describeCounterexample } from './report.ts';
import { runProcesses } from './run.ts';

/** Starting and recovering on a busy machine come on top of the faults. */
const RUN_MS_MAX = 300_000;
/** An old value shows within seconds; on a busy machine, where less is asked, somewhat later. */
const FIND_MS_MAX = 90_000;

describeWith(['redis-server'], 'four API processes under faults', ({ 'redis-server': program }) => {
  it(
    'serve no read that is older than an acknowledged write',
    async () => {
      const result = await runProcesses({ ms: 15_000, seed: 7, redisProgram: program });
      expect(result.counterexamples.map(describeCounterexample)).toEqual([]);
      expect(result.reads).toBeGreaterThan(500);
      expect(result.writes).toBeGreaterThan(10);
      const happened = result.availability.filter(({ faults }) => faults > 0);
      expect(happened.length).toBeGreaterThanOrEqual(5);
    },
    RUN_MS_MAX,
  );

  it(
    'are found out when writes do not wait and the journal is late',
    async () => {
      const result = await runProcesses({
        ms: FIND_MS_MAX,
        seed: 1,
        redisProgram: program,
        env: { COHERENCE: 'eventual' },
        withFault: ({ target }) => target === 'redis-link',
        enough: ({ kind }) => kind === 'stale',
      });
      expect(result.counterexamples.map(({ kind }) => kind)).toContain('stale');
    },
    RUN_MS_MAX,
  );
});

describe('the history', () => {
  const life = { id: 'api-0.1', slot: 0 } as Life;
  const key = { name: 'scene.byId', rowIds: ['a'] };

  const shows = (
    number: number,
    outcome: 'hit' | 'stale' = 'hit',
    name = `write ${number}`,
  ): ReadAnswer => ({
    shown: [['a', number, name]],
    mark: { outcome, tier: 'l1', validUntil: Infinity },
  });
  const row = (number: number): ShownRow => ['a', number, `write ${number}`];

  function historyOf(faults = createFaultLog()): { history: History; kinds: () => string[] } {
    const history = createHistory({ rows: [row(1)], faults, onViolation: () => undefined });
    history.willWrite(['a']);
    return { history, kinds: () => history.counterexamples.map(({ kind }) => kind) };
  }

  it('takes either value from a read that began before the acknowledgement', () => {
    const { history, kinds } = historyOf();
    const begun = history.begin(life, key, 'http');
    history.acknowledged(life, [row(2)]);
    history.end(begun, shows(1));
    expect(kinds()).toEqual([]);
  });

  it('finds a read that began later and shows the value before', () => {
    const { history, kinds } = historyOf();
    history.acknowledged(life, [row(2)]);
    history.end(history.begin(life, key, 'http'), shows(1));
    expect(kinds()).toEqual(['stale']);
    expect(history.counterexamples[0]!.rows[0]).toMatchObject({
      shown: 1,
      required: 2,
      written: 'acknowledged by api-0.1',
    });
  });

  it('excuses grace only while the database may have been unreachable', () => {
    const faults = createFaultLog();
    const { history, kinds } = historyOf(faults);
    const other = { id: 'api-1.1', slot: 1 } as Life;
    history.acknowledged(other, [row(2)]);
    history.end(history.begin(life, key, 'http'), shows(1, 'stale'));
    expect(kinds()).toEqual(['stale']);
    faults.begin({ kind: 'postgres-cut', touches: [0], watched: [0], detail: '' });
    history.end(history.begin(life, key, 'http'), shows(1, 'stale'));
    expect(kinds()).toEqual(['stale']);
    expect(history.graceAnswers()).toBe(1);
  });

  it('finds a number that no write can have given', () => {
    const { history, kinds } = historyOf();
    history.end(history.begin(life, key, 'http'), shows(3));
    expect(kinds()).toEqual(['future']);
  });

  it('finds one number with two names', () => {
    const { history, kinds } = historyOf();
    history.acknowledged(life, [row(2)]);
    history.end(history.begin(life, key, 'http'), shows(2, 'hit', 'another name'));
    expect(kinds()).toEqual(['mixed']);
  });

  it('finds rows that are missing, and rows that are denied', () => {
    const { history, kinds } = historyOf();
    history.end(history.begin(life, key, 'http'), { shown: [], mark: undefined });
    history.refused(history.begin(life, key, 'http'), '404');
    expect(kinds()).toEqual(['incomplete', 'refused']);
  });
});

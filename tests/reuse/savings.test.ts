import { describe, expect, it } from 'vitest';
import { savingsOf, type SavingsCounts } from '../../src/services/reuse/index.ts';
import { seeded } from '../bench/decisions/data.ts';

const none = { count: 0, failed: 0, reuses: 0, reusesSquared: 0, wrongReuses: 0 };
const counts: SavingsCounts = {
  asked: { prompts: 60, tokens: 6_000 },
  exact: { prompts: 30, tokens: 2_900 },
  similar: { prompts: 10, tokens: 1_100 },
  audits: none,
  ratedBad: 0,
};

describe('savings', () => {
  it('count exact and similar reuse apart, and audits as the calls that they are', () => {
    const audits = { ...none, count: 4, failed: 1, reuses: 30, reusesSquared: 300, wrongReuses: 9 };
    expect(savingsOf({ ...counts, audits, ratedBad: 2 })).toEqual({
      prompts: 100,
      callsMade: 60,
      tokensPaid: 6_000,
      savedShare: 0.4,
      exact: { callsAvoided: 30, tokensAvoided: 2_900 },
      similar: {
        callsAvoided: 10,
        tokensAvoided: 1_100,
        audits: 4,
        auditsFailed: 1,
        ratedBad: 2,
        wrong: 'not enough audits yet',
      },
    });
  });

  it('are nothing of nothing', () => {
    const nobody = { prompts: 0, tokens: 0 };
    const savings = savingsOf({ ...counts, asked: nobody, exact: nobody, similar: nobody });
    expect(savings).toMatchObject({ prompts: 0, savedShare: 0 });
  });

  it('give an interval that holds the true share in about 95 of 100 streams', () => {
    const random = seeded(1);
    const [wrong, chance, streams] = [0.04, 0.1, 400];
    let held = 0;
    for (let stream = 0; stream < streams; stream += 1) {
      const sums = { ...none };
      let reuses = 0;
      for (let request = 0; request < 3_000; request += 1) {
        // Half are audited twice as often: they stand for fewer.
        const often = request % 2 === 0 ? 2 * chance : chance;
        if (random() >= often) reuses += 1;
        else {
          const stands = 1 / often - 1;
          const isWrong = random() < wrong;
          sums.count += 1;
          sums.reuses += stands;
          sums.reusesSquared += stands ** 2;
          if (isWrong) sums.wrongReuses += stands;
        }
      }
      const similar = { prompts: reuses, tokens: 0 };
      const result = savingsOf({ ...counts, similar, audits: sums }).similar.wrong;
      if (typeof result === 'string') throw new Error(result);
      if (result.ofReuses.low <= wrong && wrong <= result.ofReuses.high) held += 1;
      expect(result.ofAllPrompts.estimate).toBeLessThan(result.ofReuses.estimate + 1e-9);
    }
    expect(held / streams).toBeGreaterThan(0.9);
    expect(held).toBeLessThan(streams);
  });
});

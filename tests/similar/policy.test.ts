/** The policy on a synthetic source: one feature, of which the chance of being right is known. */
import { describe, expect, test } from 'vitest';
import { Policy, type PolicyState } from '../../src/cache/similar/policy.ts';
import { seeded } from '../bench/decisions/data.ts';

interface World {
  readonly wrongMax: number;
  readonly seed: number;
  readonly requests: number;
  readonly state?: PolicyState;
  /** Log odds of being right at feature x. */
  readonly odds: (x: number) => number;
}

function live({ wrongMax, seed, requests, odds, state }: World) {
  const random = seeded(seed);
  const policy = new Policy({ wrongMax, random, ...(state ? { state } : {}) });
  let reuses = 0;
  let wrong = 0;
  for (let request = 0; request < requests; request++) {
    const features = [4 * random() - 2];
    const right = random() < 1 / (1 + Math.exp(-odds(features[0] as number)));
    const judgement = policy.judge(features);
    if (judgement.verdict === 'reuse') {
      reuses += 1;
      if (!right) wrong += 1;
    } else policy.learn(features, judgement, right);
  }
  return { policy, saved: reuses / requests, wrong: wrong / requests };
}

const useful = (x: number) => 6 * x;
const useless = () => 0;

describe('wrong reuse stays within the bound that was set', () => {
  test.for([0.01, 0.02, 0.05])('%d, while much is reused', (wrongMax) => {
    const runs = Array.from({ length: 20 }, (_, seed) =>
      live({ wrongMax, seed, requests: 4000, odds: useful }),
    );
    const mean = (of: (run: (typeof runs)[number]) => number) =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    expect(mean(({ wrong }) => wrong)).toBeLessThanOrEqual(wrongMax);
    expect(runs.filter(({ wrong }) => wrong > wrongMax).length).toBeLessThanOrEqual(2);
    expect(mean(({ saved }) => saved)).toBeGreaterThan(0.25);
  });

  test.for([0.01, 0.02, 0.05])('%d, also of a short stream', (wrongMax) => {
    const runs = Array.from({ length: 100 }, (_, seed) =>
      live({ wrongMax, seed, requests: 400, odds: useful }),
    );
    const wrong = runs.reduce((sum, run) => sum + run.wrong, 0) / runs.length;
    expect(wrong).toBeLessThanOrEqual(wrongMax);
    expect(runs.filter((run) => run.wrong > wrongMax).length).toBeLessThanOrEqual(10);
    expect(runs.filter(({ saved }) => saved > 0.1).length).toBeGreaterThan(50);
  });

  test('and nothing is reused when the evidence says nothing', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { saved, policy } = live({ wrongMax: 0.02, seed, requests: 3000, odds: useless });
      expect(saved).toBeLessThan(0.005);
      expect(policy.shadow || saved === 0).toBe(true);
    }
  });
});

test('when what was sure turns wrong, it is back in shadow before the bound is spent', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { policy } = live({ wrongMax: 0.05, seed, requests: 2000, odds: useful });
    expect(policy.shadow).toBe(false);
    const random = seeded(seed + 100);
    let wrong = 0;
    for (let request = 0; request < 400 && !policy.shadow; request++) {
      const features = [4 * random() - 2];
      const judgement = policy.judge(features);
      if (judgement.verdict === 'reuse') {
        wrong += 1;
        policy.refute(features);
      } else policy.learn(features, judgement, false);
    }
    expect(policy.shadow).toBe(true);
    expect(wrong).toBeLessThan(0.05 * 2000);
  }
});

test('it begins in shadow: nothing is reused before enough is known', () => {
  const { policy, saved } = live({ wrongMax: 0.05, seed: 1, requests: 24, odds: () => 9 });
  expect(saved).toBe(0);
  expect(policy.shadow).toBe(true);
});

test('its state survives JSON: it goes on where it was, not in shadow', () => {
  const before = live({ wrongMax: 0.02, seed: 1, requests: 3000, odds: useful });
  const state = JSON.parse(JSON.stringify(before.policy.state)) as PolicyState;
  const after = live({ wrongMax: 0.02, seed: 2, requests: 100, odds: useful, state });
  expect(after.saved).toBeGreaterThan(0.2);
  expect(after.policy.counts.requests).toBe(3100);
});

test('reuses that are said to be wrong end reuse', () => {
  const { policy } = live({ wrongMax: 0.02, seed: 1, requests: 3000, odds: useful });
  expect(policy.shadow).toBe(false);
  for (let times = 0; times < 40; times++) policy.refute([1.9]);
  expect(policy.judge([1.9]).verdict).not.toBe('reuse');
});

test('reuses of which each is called wrong stay within the bound, whatever else is learned', () => {
  for (const wrongMax of [0.01, 0.05]) {
    const random = seeded(7);
    const policy = new Policy({ wrongMax, random });
    let refuted = 0;
    for (let request = 1; request <= 4000; request++) {
      const features = [4 * random() - 2];
      const judgement = policy.judge(features);
      if (judgement.verdict === 'reuse') {
        refuted += 1;
        policy.refute(features);
      }
      // The source says each time that the reuse would have been right.
      else policy.learn(features, judgement, true);
      expect(refuted).toBeLessThanOrEqual(Math.max(1, wrongMax * request));
    }
    expect(refuted).toBeGreaterThan(1);
  }
});

test('what was wrong most of the time begins again after as many labels as it takes to be trusted', () => {
  const { policy } = live({ wrongMax: 0.05, seed: 1, requests: 2000, odds: useful });
  while (!policy.shadow) policy.refute([1.9]);
  let waited = 0;
  for (; policy.shadow && waited < 1000; waited += 1) {
    const features = [1.9];
    policy.learn(features, policy.judge(features), true);
  }
  expect(waited).toBeGreaterThanOrEqual(200);
  expect(waited).toBeLessThan(1000);
});

test('a bound set lower reuses less', () => {
  const saved = [0.05, 0.01, 0.001].map(
    (wrongMax) => live({ wrongMax, seed: 3, requests: 3000, odds: (x) => 2 * x }).saved,
  );
  expect(saved).toEqual(saved.toSorted((a, b) => b - a));
  expect(saved[0]).toBeGreaterThan(saved[2] as number);
});

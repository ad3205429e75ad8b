/** Rows carry evidence as bare numbers: what they mean is part of whose log it is. */
import { beforeEach, expect, it, vi } from 'vitest';
import { createMemoryLog, createTier, createWishes } from './world.ts';

const evidence = vi.hoisted(() => ({ version: 1 }));
vi.mock('../../src/cache/similar/index.ts', async (original) => ({
  ...(await original<object>()),
  get EVIDENCE_VERSION() {
    return evidence.version;
  },
}));

beforeEach(() => {
  evidence.version = 1;
});

it('begins anew when evidence means something else, and finds its own again', async () => {
  const log = createMemoryLog();
  const { wish } = createWishes(1);
  const before = createTier({ log });
  for (let count = 0; count < 20; count += 1) await before.decide(wish().prompt);
  await before.decide(wish().prompt);
  expect(before.tier.status().entries).toBe(20);

  evidence.version = 2;
  const after = createTier({ log });
  await after.decide(wish().prompt);
  expect(after.tier.status()).toMatchObject({ shadow: true, entries: 0 });

  evidence.version = 1;
  const again = createTier({ log });
  await again.decide(wish().prompt);
  expect(again.tier.status().entries).toBe(21);
});

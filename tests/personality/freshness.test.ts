/** `fresh` becomes `stale` by time alone, wherever the answer lies. */
import { expect, it } from 'vitest';
import { createLocalByteStore } from '../../src/cache/index.ts';
import type { CacheMark } from '../../src/api/context.ts';
import { DAY, MINUTE } from '../../src/config/duration.ts';
import { createSlowClock } from '../domain/clock.ts';
import { createStudio, type Studio } from '../domain/fixture.ts';

/** How many rows were ever written in the outbox. */
async function writes({ sql }: Studio): Promise<number> {
  const [row] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM cache_outbox`;
  return row?.n ?? 0;
}

async function ask(studio: Studio) {
  const marks: CacheMark[] = [];
  const answer = await studio.as('owner', (mark) => marks.push(mark)).personality.get();
  return { ...answer, mark: marks[0]! };
}

it('in the process and in the shared store, without any write', async () => {
  const clock = createSlowClock();
  const store = createLocalByteStore();
  await using here = await createStudio({ clock, store });
  await using there = await createStudio({ clock, store, beside: here });
  await here.as('owner').personality.save({ analysis: { tone: 'dry' } });
  await Promise.all([here.renewed(), there.renewed()]);

  const loaded = await ask(here);
  const shared = await ask(there);
  expect([loaded.status, shared.status]).toEqual(['fresh', 'fresh']);
  expect(shared.mark).toMatchObject({ outcome: 'hit', tier: 'l2' });
  expect((await ask(here)).mark).toMatchObject({ outcome: 'hit', tier: 'l1' });
  const freshUntil = loaded.freshUntil!.getTime();
  expect(loaded.mark.validUntil).toBeLessThanOrEqual(freshUntil);

  const before = await writes(here);
  // An answer given shortly before that moment must not outlive it either.
  clock.advance(7 * DAY - MINUTE);
  await Promise.all([here.renewed(), there.renewed()]);
  const [late, lateThere] = [await ask(here), await ask(there)];
  expect([late.status, lateThere.status]).toEqual(['fresh', 'fresh']);
  expect([late.mark.validUntil, lateThere.mark.validUntil]).toEqual([freshUntil, freshUntil]);

  clock.advance(MINUTE);
  await Promise.all([here.renewed(), there.renewed()]);
  for (const studio of [here, there]) {
    expect(await ask(studio)).toMatchObject({ status: 'stale', version: 1, freshUntil: null });
  }
  expect(await writes(here)).toBe(before);
});

it('also while the database fails: a stale answer is not served as a fresh one', async () => {
  const clock = createSlowClock();
  let away = false;
  await using studio = await createStudio({
    clock,
    onStatement() {
      if (away) throw new Error('the database is away');
    },
  });
  await studio.as('owner').personality.save({ analysis: { tone: 'dry' } });
  expect((await ask(studio)).status).toBe('fresh');
  clock.advance(7 * DAY);
  await studio.renewed();
  away = true;
  await expect(ask(studio)).rejects.toThrow();
});

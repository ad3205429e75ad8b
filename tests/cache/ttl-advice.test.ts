import { describe, expect, it } from 'vitest';
import { adviseTtl } from '../../src/cache/ttl-advice.ts';
import { define, openStudio, type Studio } from './studio.ts';

const SECOND = 1_000;
const IDS = Array.from({ length: 30 }, (_, index) => String(index));

/** Reads all, lets time pass, does something and reads all again. */
async function readTwice(studio: Studio, afterMs: number, between: () => Promise<void> | void) {
  const readAll = () => Promise.all(IDS.map((id) => studio.cache.get(studio.scene, { id })));
  await readAll();
  studio.advance(afterMs);
  await between();
  await readAll();
}

async function studioWithScenes(): Promise<Studio> {
  const studio = await openStudio();
  for (const id of IDS) studio.source.set(id, `scene ${id}`);
  return studio;
}

describe('a longer TTL is advised', () => {
  it('where what expired was asked for again, and would still have been right', async () => {
    await using studio = await studioWithScenes();
    await readTwice(studio, 100 * SECOND, () => undefined);
    // A read after 100 s, in units of five minutes; 95% of 30 of 60 reads.
    expect(studio.cache.report().advice).toEqual([
      { cache: 'scene', ttlMs: 60 * SECOND, ttlMsProposed: 300 * SECOND, readsSpared: 0.475 },
    ]);
    expect(studio.counts()).toMatchObject({
      ttlMs: 60 * SECOND,
      expirationRate: 0.5,
      invalidationRate: 0,
    });
    studio.cache.resetStats();
    expect(studio.cache.report().advice).toEqual([]);
  });

  it('not for what a write had ended', async () => {
    await using studio = await studioWithScenes();
    await readTwice(studio, 100 * SECOND, async () => {
      for (const id of IDS) await studio.write(id, 'anew');
    });
    expect(studio.cache.report().advice).toEqual([]);
    expect(studio.counts()).toMatchObject({ expirationRate: 0, invalidationRate: 0.5 });
  });

  it('not for what was not there, nor for values with an end of their own', async () => {
    await using studio = await openStudio();
    await readTwice(studio, 100 * SECOND, () => undefined);
    let end = 0;
    const session = define({
      name: 'session',
      tags: () => [],
      load: async (_id: string) => ({ end }),
      validUntil: (value) => new Date(value.end),
    });
    for (const time of ['first', 'second']) {
      const { storedAt } = await studio.cache.read(studio.scene, { id: time });
      end = storedAt + 10 * SECOND;
      for (const id of IDS) await studio.cache.get(session, id);
      studio.advance(20 * SECOND);
    }
    expect(studio.counts('session')).toMatchObject({ expirations: 30 });
    expect(studio.cache.report().advice).toEqual([]);
  });
});

describe('nothing is advised', () => {
  const seen = { cache: 'a', ttlMs: 60 * SECOND, reads: 1_000 };

  it.each([
    ['of a few reads', { ...seen, expired: { count: 19, p95Ms: 90 * SECOND } }],
    ['where little would be spared', { ...seen, reads: 10_000, expired: { count: 100, p95Ms: 1 } }],
    ['beyond a week', { ...seen, ttlMs: 604_800 * SECOND, expired: { count: 500, p95Ms: 1e12 } }],
  ])('%s', (_what, given) => {
    expect(adviseTtl(given)).toBeUndefined();
  });

  it.each([
    [15 * SECOND, 20 * SECOND],
    [20 * SECOND, 30 * SECOND],
    [61 * SECOND, 300 * SECOND],
    [3_600 * SECOND, 7_200 * SECOND],
    [90_000 * SECOND, 172_800 * SECOND],
  ])('but %i ms are written as %i ms', (p95Ms, proposed) => {
    const advice = adviseTtl({ ...seen, ttlMs: SECOND, expired: { count: 100, p95Ms } });
    expect(advice?.ttlMsProposed).toBe(proposed);
  });
});

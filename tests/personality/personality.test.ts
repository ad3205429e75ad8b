/** A user's personality through the API: versions, conflicts, tuned traits, and time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Studio } from '../domain/fixture.ts';
import { createStudio } from '../domain/fixture.ts';
import { addPerson } from '../domain/people.ts';

let studio: Studio;
beforeAll(async () => {
  studio = await createStudio();
});
afterAll(() => studio[Symbol.asyncDispose]());

async function somebody(): Promise<{ id: string; personality: Caller['personality'] }> {
  const person = await addPerson(studio.services.write, 'somebody');
  return { id: person.id, personality: studio.as(person).personality };
}

describe('saving', () => {
  it('takes any part of an analysis, and leaves the rest as it was', async () => {
    const { personality } = await somebody();
    await personality.save({ analysis: { traits: { warmth: 0.5 }, interests: ['light'] } });
    await personality.save({ analysis: { tone: 'dry' } });
    expect(await personality.get()).toMatchObject({
      status: 'fresh',
      version: 2,
      analysis: { traits: { warmth: 0.5 }, interests: ['light'], tone: 'dry', confidence: 0 },
    });
  });

  it('ignores what is not significant', async () => {
    const { personality } = await somebody();
    await personality.save({ analysis: { traits: { warmth: 0.5 } } });
    const before = await personality.get();
    expect(await personality.save({ analysis: { traits: { warmth: 0.55 } } })).toEqual({
      changed: false,
      version: 1,
    });
    expect(await personality.get()).toEqual(before);
  });

  it('confirms what was stale by what is not significant', async () => {
    const { personality } = await somebody();
    await personality.save({ analysis: { tone: 'dry' } });
    await personality.invalidate();
    expect(await personality.get()).toMatchObject({ status: 'stale', freshUntil: null });
    expect(await personality.save({ analysis: { tone: 'dry' } })).toMatchObject({ changed: false });
    expect(await personality.get()).toMatchObject({ status: 'fresh', version: 1 });
  });

  it('refuses another version than the expected one', async () => {
    const { personality } = await somebody();
    const save = (tone: string, expectedVersion: number) =>
      personality.save({ analysis: { tone }, expectedVersion });
    await expect(save('dry', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await save('dry', 0)).toEqual({ changed: true, version: 1 });
    await expect(save('warm', 0)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await save('warm', 1)).toEqual({ changed: true, version: 2 });
  });

  it('is refused for what is no analysis or too much of one', async () => {
    const { personality } = await somebody();
    const many = Array.from({ length: 1_000 }, (_, index) => `${index} ${'ü'.repeat(990)}`);
    for (const analysis of [
      { traits: { warmth: 1.01 } },
      { traits: { '': 0.5 } },
      { tone: 't'.repeat(65) },
      { confidence: Number.NaN },
      { interests: many },
    ]) {
      await expect(personality.save({ analysis })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
    expect(await personality.get()).toMatchObject({ status: 'missing' });
  });
});

describe('fifty saves at once', () => {
  const FIFTY = Array.from({ length: 50 }, (_, index) => index);

  it('are done one after another, none of them lost', async () => {
    const { personality } = await somebody();
    const versions = await Promise.all(
      FIFTY.map((index) => personality.save({ analysis: { tone: `tone ${index}` } })),
    );
    expect(versions.every(({ changed }) => changed)).toBe(true);
    expect(versions.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(
      FIFTY.map((index) => index + 1),
    );
    const last = versions.findIndex(({ version }) => version === 50);
    expect(await personality.get()).toMatchObject({
      version: 50,
      analysis: { tone: `tone ${last}` },
    });
  });

  it('of the same expected version let one through', async () => {
    const { personality } = await somebody();
    await personality.save({ analysis: { tone: 'first' } });
    const outcomes = await Promise.allSettled(
      FIFTY.map((index) =>
        personality.save({ analysis: { tone: `tone ${index}` }, expectedVersion: 1 }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await personality.get()).toMatchObject({ version: 2 });
  });

  it('and tunings of different traits all stay', async () => {
    const { personality } = await somebody();
    await Promise.all(
      FIFTY.map((index) => personality.tune({ traits: { [`trait ${index}`]: index / 50 } })),
    );
    const { tunedTraits, version } = await personality.get();
    expect(Object.keys(tunedTraits)).toHaveLength(50);
    expect(version).toBe(50);
  });
});

describe('traits set by hand', () => {
  it('win over every later analysis, until all is deleted', async () => {
    const { personality } = await somebody();
    await personality.save({ analysis: { traits: { warmth: 0.2, humour: 0.3 } } });
    expect(await personality.tune({ traits: { warmth: 1, patience: 0.9 } })).toEqual({
      changed: true,
      version: 2,
    });
    await personality.save({ analysis: { traits: { warmth: 0.4, humour: 0.6 } } });
    const tuned = { warmth: 1, patience: 0.9 };
    expect(await personality.get()).toMatchObject({
      analysis: { traits: { ...tuned, humour: 0.6 } },
      tunedTraits: tuned,
    });
    await personality.analyze({ force: true });
    expect((await personality.get()).analysis?.traits).toEqual(tuned);

    await personality.delete();
    expect(await personality.get()).toMatchObject({
      status: 'missing',
      analysis: null,
      version: 0,
    });
    await personality.save({ analysis: { traits: { warmth: 0.4 } } });
    expect((await personality.get()).analysis?.traits).toEqual({ warmth: 0.4 });
  });

  it('may come first; the analysis is then still to be made', async () => {
    const { personality } = await somebody();
    await personality.tune({ traits: { warmth: 1 } });
    expect(await personality.get()).toMatchObject({ status: 'stale', version: 1 });
    expect(await personality.analyze()).toMatchObject({
      status: 'fresh',
      analysis: { traits: { warmth: 1 } },
    });
  });

  it('do not make an old analysis any younger', async () => {
    const { id, personality } = await somebody();
    await personality.save({ analysis: { tone: 'dry' } });
    await studio.sql`UPDATE personality_cache SET analyzed_at = now() - interval '6 days' WHERE user_id = ${id}`;
    await studio.renewed();
    const before = await personality.get();
    await personality.tune({ traits: { warmth: 1 } });
    expect((await personality.get()).freshUntil).toEqual(before.freshUntil);
  });

  it('are bounded, and tuning to the same value changes nothing', async () => {
    const { personality } = await somebody();
    const traits = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`trait ${n}`, 0.5]));
    expect(await personality.tune({ traits })).toEqual({ changed: true, version: 1 });
    expect(await personality.tune({ traits })).toEqual({ changed: false, version: 1 });
    await expect(personality.tune({ traits: { another: 0.5 } })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });
});

describe('what was stored by another version of the program', () => {
  it('reads as missing, and is replaced by what is saved next', async () => {
    const { personality } = await somebody();
    await personality.save({ analysis: { tone: 'dry', interests: ['light'] } });
    await personality.save({ analysis: { schemaVersion: 2 } });
    expect(await personality.get()).toMatchObject({
      status: 'missing',
      analysis: null,
      version: 0,
    });
    expect(await personality.save({ analysis: { tone: 'warm' }, expectedVersion: 0 })).toEqual({
      changed: true,
      version: 3,
    });
    expect((await personality.get()).analysis).toMatchObject({ tone: 'warm', interests: [] });
  });

  it.each(['7', '[]', '{"traits": {"warmth": 9}}', '{"interests": "light"}'])(
    'or by hand, and cannot be read: %s',
    async (stored) => {
      const { id, personality } = await somebody();
      await studio.sql`INSERT INTO personality_cache (user_id, analysis_data) VALUES (${id}, ${stored}::text::jsonb)`;
      expect(await personality.get()).toMatchObject({ status: 'missing' });
    },
  );

  it('is one row for a user, found by user, age, version and staleness', async () => {
    const { id, personality } = await somebody();
    await personality.save({ analysis: { tone: 'dry' } });
    await expect(
      studio.sql`INSERT INTO personality_cache (user_id, analysis_data) VALUES (${id}, '{}')`,
    ).rejects.toThrow(/personality_cache_user/);
    const rows = await studio.sql<{ on: string }[]>`
      SELECT substring(indexdef FROM '\\((.*)\\)') AS on FROM pg_indexes
       WHERE tablename = 'personality_cache' ORDER BY 1`;
    expect(rows.map((row) => row.on)).toEqual([
      'id',
      'is_stale',
      'updated_at DESC',
      'user_id',
      'version',
    ]);
  });

  it('cannot be larger than 5 MB', async () => {
    const { id } = await somebody();
    const large = JSON.stringify({ tone: 'x'.repeat(5 * 2 ** 20) });
    await expect(
      studio.sql`INSERT INTO personality_cache (user_id, analysis_data) VALUES (${id}, ${large}::text::jsonb)`,
    ).rejects.toThrow(/personality_cache_size/);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CacheMark } from '../../src/api/context.ts';
import { seed } from '../../src/db/seed.ts';
import { createStudio, type Studio } from '../domain/fixture.ts';

let studio: Studio;
beforeAll(async () => {
  studio = await createStudio();
  await seed(studio.services.write);
});
afterAll(() => studio[Symbol.asyncDispose]());

const CONTENT = { archetype: 'tester', traits: { warmth: 0.5 }, systemPrompt: 'You test.' };

describe('the seeded personas', () => {
  it('are four, and differ in what shows', async () => {
    const personas = await studio.as('owner').persona.list();
    expect(personas.map(({ name }) => name)).toEqual(['elara', 'elena', 'orson', 'pixel']);
    for (const field of ['archetype', 'systemPrompt'] as const) {
      expect(new Set(personas.map((persona) => persona[field])).size).toBe(4);
    }
    const [elara, elena] = personas;
    expect(elara!.traits['patience']! - elena!.traits['patience']!).toBeGreaterThan(0.5);
    expect(elena!.traits['brevity']! - elara!.traits['brevity']!).toBeGreaterThan(0.5);
    for (const { traits } of personas) {
      expect(Object.keys(traits)).toEqual(Object.keys(elara!.traits));
      expect(Object.values(traits).every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  it('are found by name, for everybody from one entry', async () => {
    const { persona } = studio.as('owner');
    const elara = await persona.byName({ name: 'elara' });
    expect(await persona.idByName({ name: 'elara' })).toBe(elara.id);
    const marks: CacheMark[] = [];
    await studio.as('outsider', (mark) => marks.push(mark)).persona.byName({ name: 'elara' });
    expect(marks).toMatchObject([{ outcome: 'hit', tier: 'l1' }]);
    // A day, less at most a tenth by which entries are spread.
    const hours = (marks[0]!.validUntil - marks[0]!.storedAt) / 3_600_000;
    expect(hours).toBeGreaterThan(21);
    expect(hours).toBeLessThanOrEqual(24);
  });

  it('are listed in pages', async () => {
    const after = await studio.as('owner').persona.list({ after: 'elena' });
    expect(after.map(({ name }) => name)).toEqual(['orson', 'pixel']);
  });
});

describe('a name that nobody has', () => {
  it('is known to be nobody, until somebody is called so', async () => {
    const marks: CacheMark[] = [];
    const asking = studio.as('owner', (mark) => marks.push(mark)).persona;
    for (const _twice of [1, 2]) {
      await expect(asking.byName({ name: 'ada' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(asking.idByName({ name: 'ada' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(marks.map(({ outcome }) => outcome)).toEqual(['miss', 'miss', 'hit', 'hit']);

    const ada = await studio.as('admin').persona.create({ name: 'ada', ...CONTENT });
    expect(await asking.byName({ name: 'ada' })).toEqual(ada);
    expect(await asking.idByName({ name: 'ada' })).toBe(ada.id);
    await expect(
      studio.as('admin').persona.create({ name: 'ada', ...CONTENT }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('an update', () => {
  it('is seen at once, and changes what it names', async () => {
    const { persona } = studio.as('admin');
    const before = await studio.as('owner').persona.byName({ name: 'pixel' });
    const after = await persona.update({ name: 'pixel', traits: { humour: 1 }, voice: null });
    expect(after).toMatchObject({
      ...before,
      traits: { humour: 1 },
      voice: null,
      version: 2,
      updatedAt: after.updatedAt,
    });
    expect(await studio.as('owner').persona.byName({ name: 'pixel' })).toEqual(after);
    expect((await studio.as('owner').persona.list()).at(-1)).toEqual(after);
  });

  it('is refused for another version, nobody, and what is no persona', async () => {
    const { persona } = studio.as('admin');
    const update = { name: 'orson', archetype: 'changed' };
    await expect(persona.update({ ...update, expectedVersion: 9 })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(persona.update({ ...update, name: 'nobody' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(persona.update({ ...update, traits: { warmth: 1.5 } })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await expect(persona.update({ ...update, archetype: '' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    expect(await persona.byName({ name: 'orson' })).toMatchObject({ version: 1 });
  });
});

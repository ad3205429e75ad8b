import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStudio, type Studio } from '../domain/fixture.ts';
import { addPerson } from '../domain/people.ts';

let studio: Studio;
beforeAll(async () => {
  studio = await createStudio();
});
afterAll(() => studio[Symbol.asyncDispose]());

const somebody = async () =>
  studio.as(await addPerson(studio.services.write, 'somebody')).preferences;

const DEFAULTS = {
  language: 'en',
  theme: 'system',
  replyLength: 'medium',
  formality: 0.5,
  emoji: false,
  botName: 'elara',
  reuseScope: 'owner',
};

describe('preferences', () => {
  it('are the defaults until something is set, and again when it is taken back', async () => {
    const preferences = await somebody();
    expect(await preferences.get()).toEqual(DEFAULTS);
    const set = { ...DEFAULTS, theme: 'dark', replyLength: 'short' };
    expect(await preferences.update({ theme: 'dark', replyLength: 'short' })).toEqual(set);
    expect(await preferences.get()).toEqual(set);
    const back = { ...set, theme: 'system' };
    expect(await preferences.update({ theme: null })).toEqual(back);
    expect(await preferences.get()).toEqual(back);
  });

  it("keep what is a client's own", async () => {
    const preferences = await somebody();
    await preferences.update({ 'studio.zoom': 1.5 });
    await preferences.update({ 'studio.grid': true });
    expect(await preferences.get()).toEqual({
      ...DEFAULTS,
      'studio.zoom': 1.5,
      'studio.grid': true,
    });
  });

  it('lose none of many patches at once', async () => {
    const preferences = await somebody();
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => preferences.update({ [`own${index}`]: index })),
    );
    expect(Object.keys(await preferences.get())).toHaveLength(30 + Object.keys(DEFAULTS).length);
  });

  it.each<[string, object]>([
    ['a theme that does not exist', { theme: 'sepia' }],
    ['a language that is none', { language: 'a language' }],
    ['a formality beyond 1', { formality: 1.1 }],
    ['a reuse scope that does not exist', { reuseScope: 'everybody' }],
    ['an object', { own: { deep: 1 } }],
    ['a name that begins with an underscore', { _own: 1 }],
    ['a text of more than 1,000 characters', { own: 'x'.repeat(1_001) }],
  ])('refuse %s', async (_what, patch) => {
    const preferences = await somebody();
    await expect(preferences.update(patch as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await preferences.get()).toEqual(DEFAULTS);
  });

  it('are bounded in number, and a patch too much changes nothing', async () => {
    const preferences = await somebody();
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`own${n}`, n]));
    await expect(preferences.update(many)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect(await preferences.get()).toEqual(DEFAULTS);
  });
});

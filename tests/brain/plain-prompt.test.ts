/** Which prompts are one wish, and which only look so. */
import { describe, expect, it } from 'vitest';
import { plainPrompt } from '../../src/services/brain/index.ts';

const WISH = 'shorten the last scene by 2 seconds';

describe('plainPrompt', () => {
  it.each([
    'Please shorten the last scene by 2 seconds.',
    'ok, shorten the last scene by 2 seconds, thanks!',
    'Could you shorten the last scene by 2 seconds?',
    "I'd like you to  shorten the last scene\nby 2 seconds",
    'now, please, would you shorten the last scene by 2 seconds, thank you.',
  ])('%j is the wish without its courtesy', (prompt) => {
    expect(plainPrompt(prompt)).toBe(WISH);
  });

  it.each([
    ['a question is no wish', 'delete the last scene?', 'delete the last scene'],
    ['a thing is no greeting', 'OK button should be green', 'button should be green'],
    ['a word that only begins so', 'pleased customers go first', 'd customers go first'],
    ['text to show, thanks', 'set the headline to Thanks', 'set the headline to'],
    ['text to show, a stop', 'change the tagline to Go.', 'change the tagline to Go'],
    ['text to show, space', 'add a title saying "a  b"', 'add a title saying "a b"'],
    ['a value, please', 'change it to yes please', 'change it to yes'],
    ['case within', 'add a scene for ACME', 'add a scene for acme'],
  ])('%s: %j is not %j', (_why, prompt, other) => {
    expect(plainPrompt(prompt)).not.toBe(plainPrompt(other));
  });

  it.each(['please', 'Could you?', 'hi!', '...'])(
    'of nothing but courtesy, %j, all stays',
    (prompt) => {
      expect(plainPrompt(prompt).length).toBeGreaterThan(1);
    },
  );

  it('says the same of what it gives', () => {
    for (const prompt of [WISH, 'ok, ok, now do it, thanks, please', 'Please.', 'now Now now go']) {
      expect(plainPrompt(plainPrompt(prompt))).toBe(plainPrompt(prompt));
    }
  });
});

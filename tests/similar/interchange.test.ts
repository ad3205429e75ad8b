import { expect, test } from 'vitest';
import { wordsOf } from '../../src/cache/similar/index.ts';
import { onePlace } from '../../src/cache/similar/facts.ts';
import { createInterchange } from '../../src/cache/similar/interchange.ts';

/** Each text with its answer. */
function taught(texts: Readonly<Record<string, string>>) {
  const interchange = createInterchange();
  for (const [text, answer] of Object.entries(texts)) {
    interchange.add({ words: wordsOf(text), answer });
  }
  return (a: string, b: string) => {
    const places = onePlace(wordsOf(a), wordsOf(b));
    return places !== undefined && interchange.isHarmless(places);
  };
}

const TWICE = {
  'extend the intro by a bit': 'longer intro',
  'lengthen the intro by a bit': 'longer intro',
  'extend the outro by a bit': 'longer outro',
  'lengthen the outro by a bit': 'longer outro',
};

test('words that made no difference twice make none elsewhere, in either direction', () => {
  const isHarmless = taught(TWICE);
  expect(isHarmless('now extend this clip', 'now lengthen this clip')).toBe(true);
  expect(isHarmless('now lengthen this clip', 'now extend this clip')).toBe(true);
});

test('words that made a difference, or were never seen, may be facts', () => {
  const isHarmless = taught(TWICE);
  expect(isHarmless('now extend the intro', 'now extend the outro')).toBe(false);
  expect(isHarmless('now extend this clip', 'now shorten this clip')).toBe(false);
});

test('once is chance', () => {
  const isHarmless = taught({
    'extend the intro by a bit': 'longer intro',
    'lengthen the intro by a bit': 'longer intro',
  });
  expect(isHarmless('now extend this clip', 'now lengthen this clip')).toBe(false);
});

test('one exception outweighs all that was seen before and after', () => {
  const isHarmless = taught({
    ...TWICE,
    'extend the warranty by a year': 'pay',
    'lengthen the warranty by a year': 'nonsense',
    'extend the credits by a bit': 'longer credits',
    'lengthen the credits by a bit': 'longer credits',
  });
  expect(isHarmless('now extend this clip', 'now lengthen this clip')).toBe(false);
});

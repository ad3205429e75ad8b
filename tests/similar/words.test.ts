import { expect, test } from 'vitest';
import { createSimilar, termsOf, wordsOf, type ShelfEntry } from '../../src/cache/similar/index.ts';
import { seeded } from '../bench/decisions/data.ts';

const DIMENSIONS = 8;
const SUBJECTS = ['card', 'account', 'transfer', 'statement'];
const FILLERS = Array.from(
  { length: 60 },
  (_, index) => `filler${'abcdefghij'[index % 10]}${index}`,
);

test('texts that the embedder hears alike are told apart by their words', () => {
  const random = seeded(3);
  const textOf = (subject: string, id: number): ShelfEntry => {
    const fillers = Array.from({ length: 4 }, () => FILLERS[Math.floor(random() * FILLERS.length)]);
    const words = wordsOf(`${fillers.join(' ')} ${subject}`);
    // The same direction for all of them, but for noise.
    const noisy = Float32Array.from({ length: DIMENSIONS }, () => 1 + (random() - 0.5) / 5);
    const length = Math.hypot(...noisy);
    const vector = noisy.map((value) => value / length);
    return { id: String(id), answer: subject, words, terms: termsOf(words), vector, facts: '' };
  };
  const similar = createSimilar({ dimensions: DIMENSIONS, wrongMax: 0.02, random });
  const shelf = similar.shelf();
  const stored = Array.from({ length: 300 }, (_, id) => textOf(SUBJECTS[id % 4]!, id));
  for (const entry of stored) similar.answered(shelf, entry, undefined);
  const found = SUBJECTS.map((subject, index) => {
    const near = stored.filter((_, id) => id % 16 < 4).slice(0, 64);
    const text = textOf(subject, 1_000 + index);
    return shelf.find(
      text,
      near.map(({ id }) => ({ id, cosine: 1 })),
    )?.entry.answer;
  });
  expect(found).toEqual(SUBJECTS);
});

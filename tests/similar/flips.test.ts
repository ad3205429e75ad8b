/**
 * Prompts of which one fact changes the decision (the synth set of tests/data), compared by an embedder
 * that hears no facts at all: who asks the same of another thing has the same vector.
 */
import { expect, it } from 'vitest';
import {
  createSimilar,
  factsOf,
  termsOf,
  wordsOf,
  type ShelfEntry,
} from '../../src/cache/similar/index.ts';
import { readPromptSets, seeded } from '../bench/decisions/data.ts';
import { ENTITIES } from '../bench/decisions/entities.ts';

const FILE = new URL('../data/prompt-pairs-dev.jsonl.gz', import.meta.url).pathname;
const NEAR = 64;
const FLIPS_MIN = 500;

const slots = (label: string) => label.split('|');

function isFlip(a: string, b: string): boolean {
  const [ofA, ofB] = [slots(a), slots(b)];
  const others = ofA.filter((slot, index) => slot !== ofB[index]).length;
  return ofA.length === ofB.length && ofA[0] === ofB[0] && others === 1;
}

it('a prompt is never answered by one that differs from it in one fact', async () => {
  const { prompts } = (await readPromptSets(FILE)).find(({ set }) => set === 'synth')!;
  const families = [...new Set(prompts.map(({ label }) => slots(label)[0]))];
  const dimensions = families.length;
  const entries = prompts.map(({ text, label }, index): ShelfEntry => {
    const vector = new Float32Array(dimensions);
    vector[families.indexOf(slots(label)[0])] = 1;
    const words = wordsOf(text);
    const facts = factsOf(text, { entities: ENTITIES });
    return { id: String(index), answer: label, words, terms: termsOf(words), vector, facts };
  });
  const similar = createSimilar({ dimensions, wrongMax: 0.02, random: seeded(1) });
  const shelf = similar.shelf();
  for (const entry of entries) similar.answered(shelf, entry, undefined);

  let flips = 0;
  let found = 0;
  const wrong: string[] = [];
  for (const [label, own] of Map.groupBy(entries, ({ answer }) => answer)) {
    const others = entries.filter(({ answer }) => answer !== label);
    const family = others.filter(({ answer }) => slots(answer)[0] === slots(label)[0]);
    const near = family.toSorted(
      (a, b) => Number(isFlip(label, b.answer)) - Number(isFlip(label, a.answer)),
    );
    const neighbours = near.slice(0, NEAR).map(({ id }) => ({ id, cosine: 1 }));
    // Beside its own class a prompt may be answered; without it, by nothing.
    const [first, second] = own as [ShelfEntry, ShelfEntry];
    if (shelf.find(first, [{ id: second.id, cosine: 1 }])) found += 1;
    for (const { id } of own) shelf.remove(id);
    for (const text of own) {
      flips += neighbours.filter(({ id }) => isFlip(label, entries[Number(id)]!.answer)).length;
      const entry = shelf.find(text, neighbours)?.entry;
      if (entry) wrong.push(`${text.words.join(' ')} / ${entry.words.join(' ')}`);
    }
    for (const entry of own) shelf.add(entry);
  }
  expect(flips).toBeGreaterThan(FLIPS_MIN);
  expect(found).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
});

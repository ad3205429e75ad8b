/** The engine as a whole, with vectors made by hand: who may be answered from what. */
import { describe, expect, test } from 'vitest';
import {
  createSimilar,
  factsOf,
  termsOf,
  wordsOf,
  type Shelf,
  type Similar,
  type SimilarText,
} from '../../src/cache/similar/index.ts';
import { seeded } from '../bench/decisions/data.ts';

const DIMENSIONS = 16;
const CLASSES = 8;

/** Texts of a class point about the same way; each has words of its own. */
function world(seed: number) {
  const random = seeded(seed);
  const noise = () => random() - 0.5;
  const centres = Array.from({ length: CLASSES }, () => Array.from({ length: DIMENSIONS }, noise));
  let count = 0;
  return {
    random,
    textOf(group: number, facts = ''): SimilarText {
      const text = `wish ${group} ${Array.from({ length: 5 }, () => Math.floor(random() * 999)).join(' ')}`;
      const words = wordsOf(text.replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] as string));
      const vector = Float32Array.from(centres[group] as number[], (at) => at + noise() / 4);
      const length = Math.hypot(...vector);
      return { words, terms: termsOf(words), vector: vector.map((at) => at / length), facts };
    },
    nextId: () => String(count++),
  };
}

type World = ReturnType<typeof world>;

class Reader {
  readonly shelf: Shelf;
  readonly #stored: { id: string; vector: Float32Array }[] = [];
  readonly #similar: Similar;
  readonly #world: World;
  constructor(similar: Similar, made: World) {
    this.#similar = similar;
    this.#world = made;
    this.shelf = similar.shelf();
  }

  /** The answer that was reused, or undefined when the source was asked. */
  ask(text: SimilarText, answer: string): string | undefined {
    const near = this.#stored
      .map(({ id, vector }) => ({
        id,
        cosine: vector.reduce((sum, at, index) => sum + at * (text.vector[index] as number), 0),
      }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, 64);
    const proposal = this.#similar.propose(this.shelf, text, near);
    if (proposal.verdict === 'reuse') return proposal.entry?.answer;
    const id = this.#world.nextId();
    this.#similar.answered(this.shelf, { ...text, id, answer }, proposal);
    this.#stored.push({ id, vector: text.vector });
    return undefined;
  }
}

function trained(seed: number) {
  const made = world(seed);
  const similar = createSimilar({ dimensions: DIMENSIONS, wrongMax: 0.02, random: made.random });
  const reader = new Reader(similar, made);
  let reused = 0;
  for (let request = 0; request < 1500; request++) {
    const group = Math.floor(made.random() * CLASSES);
    if (reader.ask(made.textOf(group), `answer ${group}`) !== undefined) reused += 1;
  }
  return { made, similar, reader, reused };
}

describe('after a stream of texts in clear classes', () => {
  test('most of them are answered from what is stored', () => {
    expect(trained(1).reused).toBeGreaterThan(600);
  });

  test('an empty shelf beside it answers nothing, however sure the policy is', () => {
    const { made, similar } = trained(2);
    const stranger = new Reader(similar, made);
    expect(stranger.ask(made.textOf(0), 'mine')).toBeUndefined();
  });

  test('what another shelf answers is its own', () => {
    const { made, similar } = trained(3);
    const stranger = new Reader(similar, made);
    const answers = Array.from({ length: 300 }, () => {
      const group = Math.floor(made.random() * CLASSES);
      return stranger.ask(made.textOf(group), `other ${group}`);
    }).filter((answer) => answer !== undefined);
    expect(answers.length).toBeGreaterThan(50);
    expect(answers.filter((answer) => !answer.startsWith('other '))).toEqual([]);
  });

  test('a text with other facts is never answered by entries that lack them', () => {
    const { made, reader } = trained(4);
    for (let request = 0; request < 200; request++) {
      const text = made.textOf(request % CLASSES, factsOf(`${request + 100} red ones`));
      expect(reader.ask(text, `answer ${request % CLASSES} in red`)).toBeUndefined();
    }
  });

  test('a text that differs in one place only is never answered', () => {
    const { made, similar } = trained(5);
    const reader = new Reader(similar, made);
    const words = wordsOf('please move the round clock into that corner');
    const text = { ...made.textOf(0), words, terms: termsOf(words) };
    reader.ask(text, 'answer 0');
    for (let request = 0; request < 40; request++) {
      reader.ask(made.textOf(request % CLASSES), `answer ${request % CLASSES}`);
    }
    const changed = wordsOf('please move the round logo into that corner');
    const answer = reader.ask({ ...text, words: changed, terms: termsOf(changed) }, 'answer 1');
    expect(answer).toBeUndefined();
  });
});

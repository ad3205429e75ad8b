/**
 * Words that make no difference: "extend" and "lengthen". Two texts that are the same but for one place
 * tell by their answers whether what stands there is a fact. A pair of words that was seen to be none,
 * several times and without exception, is no reason against reuse.
 *
 * Texts that differ in one place are found by their frames: what is left of a text without one or two
 * words. Bounded; the oldest frames go first.
 */
import { onePlace } from './facts.ts';
import { hashOf } from './terms.ts';

export interface Interchange {
  add(text: Answered): void;
  /** @param places  as `onePlace` gives them */
  isHarmless(places: readonly [string, string]): boolean;
}

export interface Answered {
  readonly words: readonly string[];
  /** Equal for texts whose answers are equivalent. */
  readonly answer: string;
}

/** Sightings before a pair counts as harmless. */
const SEEN_MIN = 2;
/** Longer texts are seldom equal but for one place. */
const WORDS_MAX = 24;
/** Of one frame: some pairs more would be learned from more. */
const TEXTS_MAX = 8;
/** Of about 8,000 texts; 10 MB. */
const FRAMES_MAX = 100_000;
const PAIRS_MAX = 20_000;

export function createInterchange(): Interchange {
  /** Most frames are one text's. */
  const frames = new Map<number, Answered | readonly Answered[]>();
  /** How often each pair was seen to make no difference; -1: it has made one. */
  const pairs = new Map<string, number>();

  function observe(a: Answered, b: Answered): void {
    const places = onePlace(a.words, b.words);
    if (!places) return;
    const key = keyOf(places);
    const seen = pairs.get(key) ?? 0;
    pairs.delete(key);
    pairs.set(key, seen < 0 || a.answer !== b.answer ? -1 : seen + 1);
    dropOldest(pairs, PAIRS_MAX);
  }

  return {
    add(text) {
      if (text.words.length > WORDS_MAX) return;
      const met = new Set<Answered>();
      for (const frame of framesOf(text.words)) {
        const before = [frames.get(frame) ?? []].flat();
        for (const other of before) met.add(other);
        frames.set(frame, before.length === 0 ? text : [...before, text].slice(-TEXTS_MAX));
      }
      for (const other of met) observe(text, other);
      dropOldest(frames, FRAMES_MAX);
    },
    isHarmless: (places) => (pairs.get(keyOf(places)) ?? 0) >= SEEN_MIN,
  };
}

const keyOf = (places: readonly [string, string]) => [...places].sort().join('|');

function dropOldest(map: Map<unknown, unknown>, size: number): void {
  for (const key of map.keys()) {
    if (map.size <= size) return;
    map.delete(key);
  }
}

/** Hashes of what is left on both sides of each word, and of each two. */
function framesOf(words: readonly string[]): Set<number> {
  const heads = [0];
  for (const word of words) heads.push(hashOf(word, heads.at(-1)));
  const tails = [0];
  for (const word of words.toReversed()) tails.push(hashOf(word, tails.at(-1)));
  const frames = new Set<number>();
  for (const length of [1, 2]) {
    for (let at = 0; at + length <= words.length; at += 1) {
      const tail = tails[words.length - at - length] as number;
      frames.add(Math.imul(heads[at] as number, 31) ^ tail);
    }
  }
  return frames;
}

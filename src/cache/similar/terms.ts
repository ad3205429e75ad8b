/**
 * A text as words, and as hashed terms: its words and its pairs of neighbouring words. The overlap
 * of two texts weighs each term by how rare it is, so that "the" says little and "teal" much. So does the
 * vector of a text's words, which tells what an embedder hears alike: "card" and "account".
 */

/** Buckets of the table of frequencies; two terms that share one merely weigh a little less. */
const BUCKETS = 1 << 16;
/** Longer texts are cut here: they are beyond every embedder's reach anyway. */
const TERMS_MAX = 512;

export function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .normalize('NFKC')
      .match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? []
  );
}

/** Sorted, each once. */
export function termsOf(words: readonly string[]): Uint16Array {
  const terms = new Set<number>();
  for (const [index, word] of words.entries()) {
    terms.add(bucketOf(word));
    const next = words[index + 1];
    if (next !== undefined) terms.add(bucketOf(`${word} ${next}`));
    if (terms.size >= TERMS_MAX) break;
  }
  return Uint16Array.from(terms).sort();
}

/** FNV-1a, folded to 16 bits. */
function bucketOf(term: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < term.length; index++) {
    hash = Math.imul(hash ^ term.charCodeAt(index), 0x01000193);
  }
  return ((hash >>> 16) ^ hash) & (BUCKETS - 1);
}

export interface TermWeights {
  add(terms: Uint16Array): void;
  /** From 0 (nothing in common) to 1 (the same terms): a cosine of weighted sets. */
  overlap(a: Uint16Array, b: Uint16Array): number;
  /**
   * The words, weighed as they are now, by the hashing trick (Weinberger et al. 2009).
   *
   * @param into  WORD_DIMENSIONS zeros
   */
  vectorOf(words: readonly string[], into: Float32Array): void;
}

export const WORD_DIMENSIONS = 512;
/** Length of a vector of words, where one of meaning has length 1. */
const WORD_LENGTH = 0.5;

export function createTermWeights(): TermWeights {
  const counts = new Uint32Array(BUCKETS);
  const logs: number[] = [0];
  let texts = 1;
  const log = (count: number) => (logs[count] ??= Math.log(count));
  const squared = (term: number, all: number) => (all - log((counts[term] ?? 0) + 1)) ** 2;

  return {
    add(terms) {
      texts += 1;
      for (const term of terms) counts[term] = (counts[term] ?? 0) + 1;
    },
    overlap(a, b) {
      const all = log(texts + 1);
      let inA = 0;
      let inB = 0;
      let both = 0;
      for (const term of a) inA += squared(term, all);
      let at = 0;
      for (const term of b) {
        const weight = squared(term, all);
        inB += weight;
        while (at < a.length && (a[at] as number) < term) at += 1;
        if (a[at] === term) both += weight;
      }
      return both === 0 ? 0 : both / Math.sqrt(inA * inB);
    },
    vectorOf(words, into) {
      const all = log(texts + 1);
      let squares = 0;
      for (const word of new Set(words)) {
        const bucket = bucketOf(word);
        const square = squared(bucket, all);
        const sign = bucket & WORD_DIMENSIONS ? 1 : -1;
        (into[bucket % WORD_DIMENSIONS] as number) += sign * Math.sqrt(square);
        squares += square;
      }
      const scale = WORD_LENGTH / Math.sqrt(squares || 1);
      for (let index = 0; index < into.length; index++) (into[index] as number) *= scale;
    },
  };
}

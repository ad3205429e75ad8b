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

/** FNV-1a, 32 bits. @param from  other values for other places of the same text */
export function hashOf(text: string, from = 0): number {
  let hash = from ^ 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}

/** Folded to 16 bits. */
function bucketOf(term: string): number {
  const hash = hashOf(term);
  return ((hash >>> 16) ^ hash) & (BUCKETS - 1);
}

/** What is not zero of a vector of WORD_DIMENSIONS. */
export interface WordVector {
  readonly places: readonly number[];
  readonly values: readonly number[];
}

export interface TermWeights {
  add(terms: Uint16Array): void;
  /**
   * Compares others with these terms: from 0 (nothing in common) to 1 (the same terms), a cosine of
   * weighted sets. Good until it is asked for other terms.
   */
  overlapWith(terms: Uint16Array): (others: Uint16Array) => number;
  /** The words, weighed as they are now, by the hashing trick (Weinberger et al. 2009). */
  vectorOf(words: readonly string[]): WordVector;
}

export const WORD_DIMENSIONS = 512;
/** Length of a vector of words, where one of meaning has length 1. */
const WORD_LENGTH = 0.5;

export function createTermWeights(): TermWeights {
  const counts = new Uint32Array(BUCKETS);
  /** In which round each term was last asked about. */
  const asked = new Uint32Array(BUCKETS);
  let round = 0;
  const logs: number[] = [0];
  let texts = 1;
  const log = (count: number) => (logs[count] ??= Math.log(count));
  const squared = (term: number, all: number) => (all - log((counts[term] ?? 0) + 1)) ** 2;

  return {
    add(terms) {
      texts += 1;
      for (const term of terms) counts[term] = (counts[term] ?? 0) + 1;
    },
    overlapWith(terms) {
      const all = log(texts + 1);
      const own = (round += 1);
      let inOwn = 0;
      for (const term of terms) {
        asked[term] = own;
        inOwn += squared(term, all);
      }
      return (others) => {
        let inOthers = 0;
        let both = 0;
        for (let at = 0; at < others.length; at++) {
          const term = others[at] as number;
          const weight = squared(term, all);
          inOthers += weight;
          if (asked[term] === own) both += weight;
        }
        return both === 0 ? 0 : both / Math.sqrt(inOwn * inOthers);
      };
    },
    vectorOf(words) {
      const all = log(texts + 1);
      const buckets = Array.from(new Set(words), bucketOf);
      const squares = buckets.map((bucket) => squared(bucket, all));
      const scale = WORD_LENGTH / Math.sqrt(squares.reduce((sum, square) => sum + square, 0) || 1);
      return {
        places: buckets.map((bucket) => bucket % WORD_DIMENSIONS),
        values: buckets.map(
          (bucket, index) =>
            (bucket & WORD_DIMENSIONS ? scale : -scale) * Math.sqrt(squares[index] as number),
        ),
      };
    },
  };
}

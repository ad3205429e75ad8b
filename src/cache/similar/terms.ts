/**
 * A text as words, and as hashed terms: its words and its pairs of neighbouring words. The overlap
 * of two texts weighs each term by how rare it is, so that "the" says little and "teal" much.
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
}

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
  };
}

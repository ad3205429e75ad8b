/** One order of a set through the tiers: exact, then similar, then the source, which is the label. */
import { CANDIDATES_MAX, type Neighbour } from '../../../src/cache/similar/shelf.ts';
import { createSimilar, type SimilarText } from '../../../src/cache/similar/index.ts';
import { WORDS_MAX } from '../../../src/services/embeddings/local-embedder.ts';
import { cosineIn, indexIn } from './neighbours.ts';

export interface Prepared {
  readonly set: string;
  readonly texts: readonly SimilarText[];
  readonly labels: readonly string[];
  /** Equal for prompts that are the same but for case and punctuation. */
  readonly exact: readonly string[];
  /** `rowLength` numbers for each prompt. */
  readonly rows: Uint32Array;
  readonly rowLength: number;
}

export interface Outcome {
  readonly saved: number;
  readonly wrong: number;
  readonly reuses: number;
  readonly audits: number;
}

export interface ReplayOptions {
  readonly delta: number;
  readonly random: () => number;
}

export function replay(prepared: Prepared, order: Uint32Array, options: ReplayOptions): Outcome {
  const { texts, labels, exact } = prepared;
  const similar = createSimilar({
    dimensions: texts[0]?.vector.length ?? 0,
    wrongMax: options.delta,
    random: options.random,
  });
  const shelf = similar.shelf();
  const answers = new Map<string, string>();
  const stored = new Uint8Array(texts.length);
  let reuses = 0;
  let wrong = 0;
  for (const index of order) {
    const label = labels[index] as string;
    const before = answers.get(exact[index] as string);
    const text = texts[index] as SimilarText;
    const proposal =
      before === undefined
        ? similar.propose(shelf, text, candidates(prepared, index, stored))
        : undefined;
    if (before !== undefined || proposal?.verdict === 'reuse') {
      reuses += 1;
      if ((before ?? proposal?.entry?.answer) !== label) wrong += 1;
      continue;
    }
    similar.answered(shelf, { ...text, id: String(index), answer: label }, proposal);
    answers.set(exact[index] as string, label);
    stored[index] = 1;
  }
  const { audits } = similar.policy.counts;
  return { saved: reuses, wrong, reuses, audits };
}

function candidates(prepared: Prepared, index: number, stored: Uint8Array): Neighbour[] {
  const { rows, rowLength, texts } = prepared;
  if ((texts[index] as SimilarText).words.length > WORDS_MAX) return [];
  const near: Neighbour[] = [];
  for (let at = index * rowLength; at < (index + 1) * rowLength; at++) {
    const key = rows[at] as number;
    if (stored[indexIn(key)] === 0) continue;
    near.push({ id: String(indexIn(key)), cosine: cosineIn(key) });
    if (near.length === CANDIDATES_MAX) break;
  }
  return near;
}

/** The share saved by exact reuse alone. */
export function replayExact({ labels, exact }: Prepared, order: Uint32Array): number {
  const seen = new Set<string>();
  for (const index of order) seen.add(exact[index] as string);
  return labels.length - seen.size;
}

const THRESHOLDS = Array.from({ length: 100 }, (_, step) => 0.5 + step / 200);

/** Requests saved by the best fixed cosine threshold, chosen in hindsight with wrong ≤ δ. */
export function replayFixed(prepared: Prepared, order: Uint32Array, delta: number): number {
  let best = 0;
  for (const threshold of THRESHOLDS) {
    const { saved, wrong } = fixedThreshold(prepared, order, threshold);
    if (wrong <= delta * order.length) best = Math.max(best, saved);
  }
  return best;
}

function fixedThreshold(
  { rows, rowLength, labels }: Prepared,
  order: Uint32Array,
  threshold: number,
) {
  const stored = new Uint8Array(labels.length);
  let saved = 0;
  let wrong = 0;
  for (const index of order) {
    let nearest = -1;
    for (let at = index * rowLength; at < (index + 1) * rowLength; at++) {
      const key = rows[at] as number;
      if (cosineIn(key) < threshold) break;
      if (stored[indexIn(key)] === 0) continue;
      nearest = indexIn(key);
      break;
    }
    if (nearest < 0) {
      stored[index] = 1;
      continue;
    }
    saved += 1;
    if (labels[nearest] !== labels[index]) wrong += 1;
  }
  return { saved, wrong };
}

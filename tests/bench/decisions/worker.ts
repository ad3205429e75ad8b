/** What is done in parallel: embedding, rows of neighbours, orders. One job a message. */
import { parentPort } from 'node:worker_threads';
import { factsOf } from '../../../src/cache/similar/facts.ts';
import { termsOf, wordsOf } from '../../../src/cache/similar/terms.ts';
import {
  createLocalEmbedder,
  DIMENSIONS,
} from '../../../src/services/embeddings/local-embedder.ts';
import { seeded, shuffled, type Prompt } from './data.ts';
import { ENTITIES } from './entities.ts';
import { fillRow, rowLength } from './neighbours.ts';
import { replay, replayExact, replayFixed, type Prepared } from './replay.ts';

/** Shared by all workers; `rows` and `vectors` are views of shared memory. */
export interface SharedSet {
  readonly set: string;
  readonly prompts: readonly Prompt[];
  readonly vectors: Float32Array;
  readonly rows: Uint32Array;
}

interface ChunkJob {
  readonly kind: 'embed' | 'neighbours';
  readonly shared: SharedSet;
  /** Of the prompts; `to` is not among them. */
  readonly from: number;
  readonly to: number;
}

interface ReplayJob {
  readonly kind: 'replay';
  readonly shared: SharedSet;
  readonly delta: number;
  readonly seed: number;
}

export type Job = ChunkJob | ReplayJob;

export interface OrderResult {
  readonly saved: number;
  readonly wrong: number;
  readonly reuses: number;
  readonly audits: number;
  readonly exactOnly: number;
  readonly bestFixedThreshold: number;
}

let embedder: ReturnType<typeof createLocalEmbedder> | undefined;
/** Of the set that is being compared. */
let widened: { readonly set: string; readonly vectors: readonly Float64Array[] } | undefined;
const prepared = new Map<string, Prepared>();

async function run(job: Job): Promise<OrderResult | undefined> {
  if (job.kind === 'replay') return replayOrder(job);
  const { shared } = job;
  if (job.kind === 'embed') {
    embedder ??= createLocalEmbedder();
    const texts = shared.prompts.slice(job.from, job.to).map(({ text }) => text);
    const vectors = await (await embedder).embed(texts);
    for (const [index, vector] of vectors.entries()) {
      shared.vectors.set(vector, (job.from + index) * DIMENSIONS);
    }
    return undefined;
  }
  if (widened?.set !== shared.set) {
    widened = { set: shared.set, vectors: vectorsOf(shared).map((of) => new Float64Array(of)) };
  }
  const { vectors } = widened;
  const length = rowLength(shared.prompts.length);
  for (let index = job.from; index < job.to; index++) {
    fillRow(shared.rows.subarray(index * length, (index + 1) * length), index, vectors);
  }
  return undefined;
}

function replayOrder({ shared, delta, seed }: ReplayJob): OrderResult {
  widened = undefined;
  const set = prepared.get(shared.set) ?? prepare(shared);
  prepared.set(shared.set, set);
  const random = seeded(seed);
  const order = shuffled(shared.prompts.length, random);
  return {
    ...replay(set, order, { delta, random }),
    exactOnly: replayExact(set, order),
    bestFixedThreshold: replayFixed(set, order, delta),
  };
}

function vectorsOf({ prompts, vectors }: SharedSet): Float32Array[] {
  return prompts.map((_, index) => vectors.subarray(index * DIMENSIONS, (index + 1) * DIMENSIONS));
}

function prepare(shared: SharedSet): Prepared {
  const vectors = vectorsOf(shared);
  return {
    set: shared.set,
    labels: shared.prompts.map(({ label }) => label),
    exact: shared.prompts.map(({ text }) => wordsOf(text).join(' ')),
    texts: shared.prompts.map(({ text }, index) => {
      const words = wordsOf(text);
      const vector = vectors[index] as Float32Array;
      return { words, terms: termsOf(words), vector, facts: factsOf(text, { entities: ENTITIES }) };
    }),
    rows: shared.rows,
    rowLength: rowLength(shared.prompts.length),
  };
}

parentPort?.on('message', (job: Job) => {
  // A rejection ends the worker, which fails the run.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread's port
  void run(job).then((result) => parentPort?.postMessage(result));
});

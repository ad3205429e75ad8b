/** A thread that answers, dies or hangs, by what it is asked to embed. */
import { parentPort } from 'node:worker_threads';
import type { EmbedRequest } from '../../src/services/embeddings/embedder-thread.ts';

parentPort?.on('message', ({ number, texts }: EmbedRequest) => {
  if (texts.includes('die')) process.exit(1);
  if (texts.includes('hang')) for (;;);
  if (texts.includes('fail')) parentPort?.postMessage({ number, fault: 'no' }, []);
  else parentPort?.postMessage({ number, vectors: texts.map(() => new Float32Array(512)) }, []);
});

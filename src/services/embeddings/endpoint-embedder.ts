/**
 * Embeddings by a model behind any OpenAI-compatible endpoint (`/embeddings`). Bounded in calls at
 * once, in time and in bytes; after failures in a row the endpoint rests, and calls fail at once.
 * What it answers is untrusted: as many vectors as texts, each of the declared length.
 */
import { createHash } from 'node:crypto';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany } from 'ai';
import {
  BulkheadRejectedError,
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
  wrap,
} from 'cockatiel';
import { SECOND } from '../../config/duration.ts';
import { boundedFetch } from '../model/index.ts';
import { EmbedderError, unit, type Embedder } from './embedder.ts';

const TIMEOUT_MS = 5 * SECOND;
const CALLS_MAX = 8;
const FAILURES_MAX = 5;
const REST_MS = 10 * SECOND;
/** Of one call: their vectors stay below the bound on an answer's bytes. */
const TEXTS_MAX = 16;
/** Such models read thousands; what is longer is no prompt that others would repeat. */
const WORDS_MAX = 1_000;

export interface EndpointEmbedderOptions {
  /** E.g. `https://api.example.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly model: string;
  /** Of its vectors. */
  readonly dimensions: number;
  /** Default 5 s, all texts of one call together. */
  readonly timeoutMs?: number;
}

export function createEndpointEmbedder(options: EndpointEmbedderOptions): Embedder {
  const { baseUrl, apiKey, model, dimensions, timeoutMs = TIMEOUT_MS } = options;
  const provider = createOpenAICompatible({
    name: 'embedder',
    baseURL: baseUrl,
    ...(apiKey === undefined ? {} : { apiKey }),
    fetch: boundedFetch,
  });
  const guarded = wrap(
    bulkhead(CALLS_MAX, 0),
    circuitBreaker(handleAll, {
      halfOpenAfter: REST_MS,
      breaker: new ConsecutiveBreaker(FAILURES_MAX),
    }),
  );

  async function ask(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const { embeddings } = await embedMany({
      model: provider.embeddingModel(model),
      values: [...texts],
      maxRetries: 0,
      abortSignal: signal,
    });
    const vectors = embeddings.map((vector) => unit(Float32Array.from(vector)));
    const isSound = (vector: Float32Array) =>
      vector.length === dimensions && vector.every((value) => Number.isFinite(value));
    if (vectors.length !== texts.length || !vectors.every(isSound)) {
      throw new EmbedderError(
        'unavailable',
        `The embedding model answers no vectors of ${dimensions} numbers: check AI_EMBEDDING_DIMENSIONS`,
      );
    }
    return vectors;
  }

  return {
    // Another address may have another model of that name.
    id: `${model} ${createHash('sha256').update(baseUrl).digest('hex')} ${dimensions}`,
    model,
    provider: new URL(baseUrl).host,
    dimensions,
    wordsMax: WORDS_MAX,
    async embed(texts, signal) {
      const late = AbortSignal.timeout(timeoutMs);
      const either = signal ? AbortSignal.any([signal, late]) : late;
      const vectors: Float32Array[] = [];
      try {
        for (let at = 0; at < texts.length; at += TEXTS_MAX) {
          const some = texts.slice(at, at + TEXTS_MAX);
          vectors.push(...(await guarded.execute(() => ask(some, either))));
        }
        return vectors;
      } catch (cause) {
        if (cause instanceof EmbedderError) throw cause;
        if (either.aborted) throw new EmbedderError('timeout', 'No embedding in time', { cause });
        if (cause instanceof BulkheadRejectedError) {
          throw new EmbedderError('busy', `${CALLS_MAX} calls are under way`, { cause });
        }
        throw new EmbedderError('unavailable', 'The embedding model cannot be reached', { cause });
      }
    },
    close: async () => undefined,
  };
}

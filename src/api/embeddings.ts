/**
 * Vectors of texts, kept for an hour by the SHA-256 of text and embedder. What is not kept is embedded
 * a few texts at a time, since a project's scenes are more than an embedder's queue takes.
 */
import { CacheError } from '../cache/index.ts';
import { HOUR, SECOND } from '../config/duration.ts';
import { unit, type Embedder } from '../services/embeddings/embedder.ts';
import { createGiving } from './giving.ts';
import { defineCache, type StudioCache } from './resources.ts';

const AT_ONCE = 4;
/** An embedder's queue in front of a text, on a busy machine. */
const LOAD_MS_MAX = 10 * SECOND;

const giving = createGiving<Float32Array>();

const embeddingCache = defineCache({
  name: 'embeddings',
  freshness: { ttlMs: HOUR, graceMs: 0, loadTimeoutMs: LOAD_MS_MAX },
  tags: () => [],
  /** 32-bit floats, as bytes: half of what they take as numbers. */
  async load({ text }: { text: string; embedder: string }, { embedder, signal }) {
    return bytesOf(giving.take() ?? (await embedOne(embedder, text, signal)));
  },
});

export type Embed = (texts: readonly string[], signal?: AbortSignal) => Promise<Float32Array[]>;

export function createEmbed(options: { cache: () => StudioCache; embedder: Embedder }): Embed {
  const { cache, embedder } = options;

  async function one(text: string, signal?: AbortSignal): Promise<Float32Array> {
    try {
      const bytes = await cache().get(embeddingCache, { text, embedder: embedder.id });
      if (bytes) return new Float32Array(Uint8Array.from(bytes).buffer);
    } catch (error) {
      // Asked from inside a load, it wants a second slot: where all are taken by such loads, none
      // would get one.
      if (!(error instanceof CacheError) || error.code !== 'overloaded') throw error;
    }
    return embedOne(embedder, text, signal);
  }

  return async (texts, signal) => {
    const vectors: Float32Array[] = [];
    for (let at = 0; at < texts.length; at += AT_ONCE) {
      signal?.throwIfAborted();
      const some = texts.slice(at, at + AT_ONCE);
      vectors.push(...(await Promise.all(some.map((text) => one(text, signal)))));
    }
    return vectors;
  };
}

export interface GivenEmbedding {
  readonly text: string;
  /** Of the embedder in use, of any length but 0. */
  readonly vector: readonly number[];
}

/**
 * Keeps vectors that are known already.
 * @returns whether each is new
 */
export function giveEmbedding(
  { cache, embedder }: { cache: StudioCache; embedder: Pick<Embedder, 'id'> },
  { text, vector }: GivenEmbedding,
): Promise<boolean> {
  const args = { text, embedder: embedder.id };
  return giving.give(unit(Float32Array.from(vector)), () => cache.read(embeddingCache, args));
}

async function embedOne(
  embedder: Embedder,
  text: string,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const [vector] = await embedder.embed([text], signal);
  if (!vector) throw new Error('the embedder answered no vector');
  return vector;
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

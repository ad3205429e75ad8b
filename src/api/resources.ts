/**
 * What loaders of this application work with, beside what every load gets. A loader receives
 * nothing of the request: what it may depend on is in its arguments, and so in its key.
 */
import { defineCacheFor, type Cache, type KnownDefinition } from '../cache/index.ts';
import type { ReadDb } from '../db/read.ts';
import type { builds } from '../db/schema/index.ts';
import type { Brain } from '../services/brain/index.ts';
import type { Embedder } from '../services/embeddings/embedder.ts';
import type { SimilarTier } from '../services/reuse/index.ts';
import type { Builder } from '../services/builder/index.ts';

export interface StudioResources {
  /** Reads only, and records which tables it read. */
  readonly db: ReadDb;
  /** Epoch milliseconds, by the clock by which entries expire. */
  readonly now: () => number;
  readonly builder: Builder;
  readonly brain: Brain;
  /** Answers from similar prompts, or asks; without the tier it always asks. */
  readonly similar: Pick<SimilarTier, 'decide'>;
  readonly embedder: Embedder;
  /** Vectors of texts, from the cache of embeddings where it has them. */
  readonly embed: (texts: readonly string[], signal?: AbortSignal) => Promise<Float32Array[]>;
  /** Keeps a successful build, by its content's key: the one thing that a load may write. */
  readonly keepBuild: (build: typeof builds.$inferInsert) => Promise<void>;
}

export type StudioCache = Cache<StudioResources>;

const known: KnownDefinition[] = [];

/** Every cache that the loaded modules define. */
export const knownCaches: readonly KnownDefinition[] = known;

const define = defineCacheFor<StudioResources>();

/** Defines a cache at module level, once; `knownCaches` lists it from then on. */
export const defineCache: typeof define = (definition) => {
  known.push(definition);
  return define(definition);
};

/**
 * What a request brings to a procedure, and the services that procedures work with. Made by the
 * server for each HTTP request; a test or a script may make one by hand.
 */
import type { Write } from '../db/write.ts';
import type { ReadDb } from '../db/read.ts';
import type { CacheMark } from '../procedures/index.ts';
import type { Brain, RewriteScene } from '../services/brain/index.ts';
import type { Embedder } from '../services/embeddings/embedder.ts';
import type { PersonalityService } from '../services/personality/index.ts';
import type { SimilarTier } from '../services/reuse/index.ts';
import type { StudioCache } from './resources.ts';

export type { CacheMark } from '../procedures/index.ts';

export interface Session {
  readonly id: string;
  readonly expiresAt: Date;
  readonly user: {
    readonly id: string;
    readonly email: string;
    /** In REST paths. */
    readonly username: string;
    readonly name: string;
    readonly role: 'user' | 'admin';
  };
}

/** Cached reads have a generous bucket of their own; everything else counts as a call. */
export type RateBucket = 'calls' | 'reads';

export interface RequestLimiter {
  /** @throws TRPCError TOO_MANY_REQUESTS */
  take(bucket: RateBucket): Promise<void>;
}

export interface Services {
  readonly cache: StudioCache;
  readonly write: Write;
  /** For reads that are not cached; it can only read. */
  readonly db: ReadDb;
  readonly personality: PersonalityService;
  readonly brain: Brain;
  /** Undefined where nobody can write code. */
  readonly rewrite: RewriteScene | undefined;
  /** Undefined where nothing is reused by likeness. */
  readonly similar: Pick<SimilarTier, 'status'> | undefined;
  readonly embedder: Pick<Embedder, 'id' | 'model' | 'provider' | 'dimensions'>;
}

export interface Context {
  readonly services: Services;
  readonly session: Session | null;
  readonly requestId: string;
  readonly limiter: RequestLimiter;
  /** Told once for each cached answer of the request, by its place in the batch. */
  mark(batchIndex: number, mark: CacheMark): void;
}

/**
 * The similar tier with what this process has: only where a model is paid for its answers, and a share
 * of wrong ones is allowed. Rules cost nothing and are never wrong about themselves.
 */
import { MINUTE } from '../config/duration.ts';
import type { Config } from '../config/env.ts';
import type { Database } from '../db/client.ts';
import { createSimilarLog } from '../db/queries/similar.ts';
import type { ReadDb } from '../db/read.ts';
import type { Brain } from '../services/brain/index.ts';
import type { Embedder } from '../services/embeddings/embedder.ts';
import { createSimilarTier, type SimilarTier } from '../services/reuse/index.ts';
import type { Logger } from './log.ts';

interface Parts {
  config: Config;
  brain: Brain;
  embedder: Embedder;
  db: ReadDb;
  database: Database;
  log: Logger;
}

export function openSimilarTier(parts: Parts): SimilarTier | undefined {
  const { config, brain, embedder, db, database, log } = parts;
  if (!config.ai || config.reuseMaxWrong === 0) return undefined;
  let silentUntil = 0;
  // The local model is loaded before the first prompt; what fails here is met there again.
  embedder.embed(['the first']).catch(() => undefined);
  return createSimilarTier({
    brain,
    embedder,
    log: createSimilarLog({ db, write: database.write }),
    wrongMax: config.reuseMaxWrong,
    ttlMs: config.cache.ttlMs.ai,
    onError(err) {
      // The counts tell how often; the log, what it is.
      if (performance.now() < silentUntil) return;
      silentUntil = performance.now() + MINUTE;
      log.warn({ err }, 'decisions: nothing is reused from similar prompts just now');
    },
  });
}

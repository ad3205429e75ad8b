/**
 * The cache of this application, put together: one member of the coherence protocol with its lease
 * in PostgreSQL, the in-process store, and what loaders work with. Says what happens to it in the
 * log; hits say nothing.
 */
import { createEmbed } from '../api/embeddings.ts';
import { knownCaches, type StudioCache, type StudioResources } from '../api/resources.ts';
import { systemClock, type CoherenceEvent } from '../cache/coherence/index.ts';
import { createCache } from '../cache/index.ts';
import type { Config } from '../config/env.ts';
import type { Database } from '../db/client.ts';
import { createDirectory } from '../db/directory.ts';
import { createBuildKeeper } from '../db/queries/builds.ts';
import type { Reader } from '../db/read.ts';
import { tagRegistry } from '../db/schema/index.ts';
import { findTriggerDrift } from '../db/trigger-check.ts';
import type { Brain } from '../services/brain/index.ts';
import type { Embedder } from '../services/embeddings/embedder.ts';
import type { Builder } from '../services/builder/index.ts';
import type { Logger } from './log.ts';
import type { SharedCache } from './shared-cache.ts';

/** Part of every key. Bump it when the shape of a cached value changes. */
const CACHE_VERSION = '2';

export interface StudioCacheOptions {
  config: Config;
  database: Database;
  reader: Reader;
  /** For reading: so many loads at once, and none that has a place waits for a connection. */
  readConnections: number;
  builder: Builder;
  brain: Brain;
  similar: StudioResources['similar'];
  embedder: Embedder;
  /** The member's: new at each start. */
  id: string;
  shared: SharedCache;
  log: Logger;
}

export function createStudioCache(options: StudioCacheOptions): StudioCache {
  const { config, database, readConnections, builder, brain, similar, embedder } = options;
  const { id, reader, shared, log } = options;
  const keepBuild = createBuildKeeper(database.write);
  const { scenes, ai, components, short, medium, long, week } = config.cache.ttlMs;
  const embed = createEmbed({ cache: () => cache, embedder });
  const cache = createCache<StudioResources>({
    member: {
      id,
      leaseMs: config.cache.leaseMs,
      mode: config.cache.coherence,
      clock: systemClock,
      random: Math.random,
      limits: { loadsMax: readConnections },
    },
    memory: { bytesMax: config.cache.memoryBytesMax },
    ports: { directory: createDirectory(database) },
    shared: shared.shared,
    journal: shared.journal,
    openLoad() {
      const { db, touched } = reader.record();
      const now = systemClock.wallMs;
      const resources = { db, builder, brain, similar, embedder, embed, keepBuild, now };
      return { resources, touched };
    },
    definitions: knownCaches,
    coverage: tagRegistry,
    strict: config.nodeEnv !== 'production',
    version: CACHE_VERSION,
    enabled: config.cache.enabled,
    freshness: {
      'project.list': { ttlMs: scenes },
      'project.byId': { ttlMs: scenes },
      'project.members': { ttlMs: scenes },
      'scene.byId': { ttlMs: scenes },
      'scene.list': { ttlMs: scenes },
      'scene.search': { ttlMs: short },
      'component.build': { ttlMs: components },
      'decision.make': { ttlMs: ai },
      'decision.history': { ttlMs: medium },
      embeddings: { ttlMs: medium },
      'persona.idByName': { ttlMs: long },
      'persona.byName': { ttlMs: long },
      'persona.list': { ttlMs: long },
      'personality.get': { ttlMs: week },
      'preferences.get': { ttlMs: medium },
      'assistant.conversations': { ttlMs: medium },
      'assistant.history': { ttlMs: medium },
    },
    onUncovered: (name, reason) => log.error({ cache: name }, reason),
    onEvent: (event) => logEvent(log, event),
  });
  return cache;
}

/** What reads a table without its triggers would never be invalidated: it is not kept. */
export async function distrustDrifted(
  cache: StudioCache,
  { database, log }: { database: Database; log: Logger },
): Promise<void> {
  const drifted = await findTriggerDrift(database.read, tagRegistry.tables);
  for (const { tableName, reason } of drifted) {
    log.error({ table: tableName }, `nothing that reads ${tableName} is cached: ${reason}`);
  }
  cache.distrustTables(drifted.map(({ tableName }) => tableName));
}

/** By what a person should do about it; everything else is counted, not logged. */
function logEvent(log: Logger, event: CoherenceEvent): void {
  switch (event.type) {
    case 'lease-lost':
    case 'database-changed':
    case 'behind-trim-mark':
      log.warn({ event }, `cache: ${event.type}`);
      break;
    case 'renewal-failed':
      log.warn({ step: event.step, err: event.error }, 'cache: a renewal of the lease failed');
      break;
    case 'lease-gained':
    case 'member-reaped':
    case 'left':
      log.info({ event }, `cache: ${event.type}`);
      break;
    case 'grace':
    case 'shed':
      log.debug({ event }, `cache: ${event.type}`);
      break;
    default:
  }
}

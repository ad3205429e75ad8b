/** The engine with its leases, in one process: a directory in memory, nothing shared. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../src/cache/coherence/index.ts';
import { createCache, defineCacheFor, type Cache } from '../../../src/cache/index.ts';
import { createMemoryDirectory } from '../../fixtures/memory-directory.ts';
import { makeScene, type Scene } from './value.ts';

const LEASE_MS = 2_000;

export interface OurEngine {
  get(id: string): Promise<Scene | undefined>;
  /** With what a request wants to know of its answer. */
  read(id: string): Promise<unknown>;
  /** A loop that starves the lease would measure misses. */
  hitRate(): number;
  close(): Promise<void>;
}

/** @param bytesMax  of the memory; undefined: a deployment's */
export async function openCache(bytesMax?: number): Promise<Cache<object>> {
  const cache = createCache<object>({
    member: {
      id: randomUUID(),
      leaseMs: LEASE_MS,
      mode: 'lease',
      clock: systemClock,
      random: Math.random,
    },
    ports: { directory: createMemoryDirectory() },
    ...(bytesMax === undefined ? {} : { memory: { bytesMax, ownerBytesMax: bytesMax } }),
    openLoad: () => ({ resources: {}, touched: () => [] }),
    coverage: { withTableTags: (tags) => tags, uncovered: () => undefined },
    strict: true,
    version: 'bench',
  });
  await cache.start();
  return cache;
}

export async function openEngine(): Promise<OurEngine> {
  const cache = await openCache();
  const scene = defineCacheFor<object>()({
    name: 'scene.byId',
    scope: ({ projectId }: { projectId: string; sceneId: string }) => `project:${projectId}`,
    tags: ({ projectId, sceneId }) => [`scene:${sceneId}`, `project:${projectId}`],
    load: async ({ sceneId }): Promise<Scene> => makeScene(sceneId),
  });
  return {
    get: (id) => cache.get(scene, { projectId: PROJECT, sceneId: id }),
    read: (id) => cache.read(scene, { projectId: PROJECT, sceneId: id }),
    hitRate: () => cache.report().caches[0]?.hitRate ?? 0,
    close: () => cache.close(),
  };
}

const PROJECT = '3f0e9a3e-6a9b-4c59-9a4e-2f5f6f0a1b2c';

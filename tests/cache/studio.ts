/**
 * A cache in a single process with everything under the test's control: clock, chance, directory
 * and source. Scenes are texts by id in a map; a load counts, and says that it read `scenes`.
 */
import {
  createCache,
  defineCacheFor,
  type Cache,
  type CacheOptions,
  type Coverage,
} from '../../src/cache/index.ts';
import { createMemoryDirectory, type MemoryDirectory } from '../fixtures/memory-directory.ts';

export interface Resources {
  /** Records that the load read this table. */
  readonly touch: (table: string) => void;
}

export const define = defineCacheFor<Resources>();

export interface Studio extends AsyncDisposable {
  readonly cache: Cache<Resources>;
  readonly directory: MemoryDirectory;
  /** What the loader below reads. */
  readonly source: Map<string, unknown>;
  readonly scene: ReturnType<typeof sceneCache>;
  /** How often it was called. */
  loads(): number;
  advance(ms: number): void;
  /** Commits and tells the cache, as `write` does. */
  write(id: string, value: unknown): Promise<void>;
  counts(name?: string): ReturnType<Cache<Resources>['report']>['caches'][number];
}

/** So long that only the tests that want to lose it do. */
export const LEASE_MS = 8 * 24 * 60 * 60 * 1_000;

/** The tag `scene:1` comes from the table `scenes`. */
const coverage: Coverage = {
  withTableTags: (tags) => [...new Set([...tags, ...tags.map((tag) => `table:${tableOf(tag)}`)])],
  uncovered(tags, tables) {
    const covered = new Set(tags.map(tableOf));
    const missing = [...tables].find((table) => !covered.has(table));
    return missing === undefined ? undefined : `it reads ${missing}`;
  },
};

function tableOf(tag: string): string {
  const [kind = '', name = ''] = tag.split(':');
  return kind === 'table' ? name : `${kind}s`;
}

function sceneCache(source: Map<string, unknown>, onLoad: () => void) {
  return define({
    name: 'scene',
    freshness: { ttlMs: 60_000, negativeTtlMs: 5_000, graceMs: 30_000 },
    tags: ({ id }: { id: string }) => [`scene:${id}`],
    async load({ id }, { touch }): Promise<unknown> {
      onLoad();
      touch('scenes');
      const value = await Promise.resolve(source.get(id));
      if (value instanceof Error) throw value;
      return value;
    },
  });
}

type Overrides = Partial<Omit<CacheOptions<Resources>, 'member' | 'ports'>> & {
  readonly random?: () => number;
  readonly leaseMs?: number;
  readonly started?: boolean;
  /** A process more of the same deployment: its directory. */
  readonly beside?: Studio;
};

export async function openStudio(overrides: Overrides = {}): Promise<Studio> {
  const { random, leaseMs, started, beside, ...options } = overrides;
  const directory = beside?.directory ?? createMemoryDirectory();
  const source = new Map<string, unknown>();
  let nowMs = Date.UTC(2026, 0, 1);
  let loads = 0;
  const cache = createCache<Resources>({
    member: {
      id: beside ? 'another' : 'one',
      leaseMs: leaseMs ?? LEASE_MS,
      mode: 'lease',
      clock: { monoMs: () => nowMs, wallMs: () => nowMs },
      random: random ?? (() => 0),
    },
    ports: { directory },
    openLoad() {
      const touched = new Set<string>();
      return { resources: { touch: (table) => void touched.add(table) }, touched: () => touched };
    },
    coverage,
    strict: true,
    version: '1',
    ...options,
  });
  if (started !== false) await cache.start();
  return {
    cache,
    directory,
    source,
    scene: sceneCache(source, () => (loads += 1)),
    loads: () => loads,
    advance: (ms) => void (nowMs += ms),
    async write(id, value) {
      source.set(id, value);
      await cache.written(directory.commit(`scene:${id}`));
    },
    counts(name = 'scene') {
      const found = cache.report().caches.find((report) => report.name === name);
      if (!found) throw new Error(`no cache is named ${name}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await cache.close();
    },
  };
}

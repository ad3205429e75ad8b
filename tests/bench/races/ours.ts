/**
 * This project's cache as a deployment has it: own memory, a shared store and a journal in whatever
 * its world shares, leases. Also what the benchmark of writes measures, in its other modes.
 */
import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { systemClock, type CoherenceEvent } from '../../../src/cache/coherence/index.ts';
import { createCache, defineCacheFor, type Cache } from '../../../src/cache/index.ts';
import { openDatabase, type Database } from '../../../src/db/client.ts';
import { createDirectory } from '../../../src/db/directory.ts';
import { createReader, type ReadDb } from '../../../src/db/read.ts';
import { projects, projectTags, tagRegistry } from '../../../src/db/schema/index.ts';
import { createWrite } from '../../../src/db/write.ts';
import { watchStatements, type OnStatement } from '../../domain/statements.ts';
import { until } from '../../contract/when-ready.ts';
import { TTL_MS, type Contender, type Instance, type OpenOptions } from './contender.ts';
import type { Loading, Project } from './loading.ts';
import type { World } from './world.ts';

interface Resources {
  readonly db: ReadDb;
}

export interface OursOptions extends OpenOptions {
  readonly world: World;
  readonly mode?: 'lease' | 'eventual';
  /** Default: a deployment's. */
  readonly memoryBytesMax?: number;
  /** Every statement of its writes, and of answering others'. */
  readonly onStatement?: OnStatement;
}

export interface OurInstance extends Instance {
  readonly database: Database;
  readonly cache: Cache<Resources>;
  /** How its last write ended. */
  lastWrite(): string | undefined;
  /** One of any number of entries that depend on the same project. */
  readPart(key: string, part: number): Promise<unknown>;
}

export function oursIn(world: World, name = 'Greenroom'): Contender {
  return { name, world, open: (options) => openOurs({ ...options, world }) };
}

export async function openOurs(options: OursOptions): Promise<OurInstance> {
  const { world, loading, clockBehindMs } = options;
  const id = randomUUID();
  const url = world.databaseUrl;
  const database = openDatabase({ url, readConnectionsMax: 5, writeConnectionsMax: 5 });
  const reader = await createReader(database.read);
  const { onStatement, memoryBytesMax } = options;
  const sql = onStatement ? watchStatements(database.write, onStatement) : database.write;
  const { store, journal } = world.share({ id, url, database: { ...database, write: sql } });
  let lastWrite: string | undefined;
  const cache = createCache<Resources>({
    member: {
      id,
      leaseMs: world.leaseMs,
      mode: options.mode ?? 'lease',
      clock: { ...systemClock, wallMs: () => systemClock.wallMs() - clockBehindMs },
      random: Math.random,
    },
    ports: { directory: createDirectory({ lease: database.lease, write: sql }) },
    ...(memoryBytesMax === undefined ? {} : { memory: { bytesMax: memoryBytesMax } }),
    shared: { store, secret: 'a secret of the benchmark, long enough' },
    journal,
    openLoad() {
      const { db, touched } = reader.record();
      return { resources: { db }, touched };
    },
    coverage: tagRegistry,
    strict: true,
    version: 'bench',
    onEvent(event: CoherenceEvent) {
      if (event.type === 'write-done') lastWrite = event.how;
    },
  });
  await cache.start();
  const write = createWrite({ sql, written: (done) => cache.written(done) });
  const project = projectCache(loading);

  async function rename(key: string, name: string): Promise<void> {
    await write(async (tx) => {
      await tx.update(projects).set({ name }).where(eq(projects.id, key));
    });
  }

  return {
    cache,
    database,
    lastWrite: () => lastWrite,
    read: (key) => cache.get(project, { key }),
    readPart: (key, part) => cache.get(partCache, { key, part }),
    write: rename,
    readKinds(key, load) {
      kindLoaders.set(key, load);
      return cache.get(kindsCache, { key });
    },
    async ready() {
      // What is written is answered by all when their connections stand.
      const [probe] = await world.addProjects(1);
      await until(async () => {
        await rename(probe!, randomUUID());
        return lastWrite === 'answered' || lastWrite === 'alone' || lastWrite === 'eventual';
      });
    },
    async close() {
      await cache.close();
      await Promise.all([journal?.close(), store?.close()]);
      await database.close();
    },
  };
}

const definitions = new WeakMap<Loading, ReturnType<typeof defineProject>>();

/** One definition for each loader, however many instances share it. */
function projectCache(loading: Loading): ReturnType<typeof defineProject> {
  const known = definitions.get(loading) ?? defineProject(loading);
  definitions.set(loading, known);
  return known;
}

function defineProject(loading: Loading) {
  return defineCacheFor<Resources>()({
    name: 'bench.project',
    freshness: { ttlMs: TTL_MS },
    tags: ({ key }: { key: string }) => [projectTags.one({ id: key })],
    load: ({ key }, { db }): Promise<Project | undefined> => loading.load(db, key),
  });
}

const partCache = defineCacheFor<Resources>()({
  name: 'bench.part',
  freshness: { ttlMs: TTL_MS },
  tags: ({ key }: { key: string; part: number }) => [projectTags.one({ id: key })],
  load: async ({ part }) => part,
});

/** Arguments are part of the key and must be data, so the loaders of these are found by theirs. */
const kindLoaders = new Map<string, () => Promise<unknown>>();

const kindsCache = defineCacheFor<Resources>()({
  name: 'bench.kinds',
  tags: () => [],
  load: ({ key }: { key: string }) => kindLoaders.get(key)!(),
});

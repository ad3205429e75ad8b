/**
 * One process's cache, as the tests of several have it: its own memory, connections and journal, on a
 * database that is given, sharing what a `Sharing` gives it. One cached definition reads a project by
 * id; another makes any number of entries that depend on the same project.
 */
import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { systemClock, type CoherenceEvent, type Limits } from '../../src/cache/coherence/index.ts';
import {
  createCache,
  defineCacheFor,
  type BreakerOptions,
  type Cache,
  type CacheRead,
} from '../../src/cache/index.ts';
import { keyOf } from '../../src/cache/key.ts';
import { openDatabase } from '../../src/db/client.ts';
import { createDirectory } from '../../src/db/directory.ts';
import { createReader, type ReadDb } from '../../src/db/read.ts';
import { projects, projectTags, tagRegistry } from '../../src/db/schema/index.ts';
import { createWrite, type Write } from '../../src/db/write.ts';
import type { Sharing } from './sharing.ts';

export interface Member extends AsyncDisposable {
  readonly id: string;
  readonly cache: Cache<Resources>;
  readonly write: Write;
  readonly events: CoherenceEvent[];
  /** The project's name, read through the cache. */
  name(id: string): Promise<string | undefined>;
  read(id: string): Promise<CacheRead<Project>>;
  /** One of any number of entries that depend on the project; its load asks nobody. */
  part(id: string, part: number): Promise<CacheRead<number>>;
  rename(id: string, name: string): Promise<void>;
  /** Stops renewing and answering without leaving, as a killed process does. */
  kill(): Promise<void>;
}

export interface MemberOptions {
  readonly url: string;
  readonly share: Sharing;
  /** Awaited by each load of a project, before it reads. */
  readonly loading: () => Promise<void>;
  /** Default 2 s. */
  readonly leaseMs?: number | undefined;
  readonly breaker?: BreakerOptions | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

type Project = Pick<typeof projects.$inferSelect, 'id' | 'name' | 'createdAt'>;
interface Resources {
  readonly db: ReadDb;
  readonly loading: () => Promise<void>;
}

const projectCache = defineCacheFor<Resources>()({
  name: 'topology.project',
  tags: ({ id }: { id: string }) => [projectTags.one({ id })],
  async load({ id }, { db, loading }): Promise<Project | undefined> {
    await loading();
    const { name, createdAt } = projects;
    const rows = await db
      .select({ id: projects.id, name, createdAt })
      .from(projects)
      .where(eq(projects.id, id));
    return rows[0];
  },
});

const partCache = defineCacheFor<Resources>()({
  name: 'topology.part',
  tags: ({ id }: { id: string; part: number }) => [projectTags.one({ id })],
  load: async ({ part }) => part,
});

const LEASE_MS = 2_000;
const VERSION = 'topology';

export async function openMember(options: MemberOptions): Promise<Member> {
  const { url, share, loading, breaker, limits } = options;
  await using parts = new AsyncDisposableStack();
  const id = randomUUID();
  const database = openDatabase({ url, readConnectionsMax: 3, writeConnectionsMax: 3 });
  parts.defer(() => database.close());
  let dead = false;
  /** What a dead process would have done never happens, and it hears nothing of it. */
  const alive =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      dead ? new Promise<R>(() => undefined) : call(...args);
  const { store: bytes, journal } = share({ id, url, database });
  const store = bytes && {
    ...bytes,
    set: alive(bytes.set),
    claim: alive(bytes.claim),
    release: alive(bytes.release),
  };
  parts.defer(async () => {
    await Promise.all([journal?.close(), store?.close()]);
  });
  const reader = await createReader(database.read);
  const events: CoherenceEvent[] = [];
  const directory = createDirectory(database);
  const cache = createCache<Resources>({
    member: {
      id,
      leaseMs: options.leaseMs ?? LEASE_MS,
      mode: 'lease',
      clock: systemClock,
      random: Math.random,
      ...(limits ? { limits } : {}),
    },
    ports: {
      directory: {
        ...directory,
        beat: alive(directory.beat),
        observe: alive(directory.observe),
        leave: alive(directory.leave),
      },
    },
    shared: store && { store, ...(breaker ? { breaker } : {}) },
    journal,
    openLoad() {
      const { db, touched } = reader.record();
      return { resources: { db, loading }, touched };
    },
    coverage: tagRegistry,
    strict: true,
    version: VERSION,
    onEvent: (event) => void events.push(event),
  });
  await cache.start();
  parts.defer(() => (dead ? undefined : cache.close()));
  const write = createWrite({ sql: database.write, written: (done) => cache.written(done) });
  const read = (project: string) => cache.read(projectCache, { id: project });
  const owned = parts.move();
  return {
    id,
    cache,
    write,
    events,
    read,
    name: async (project) => (await read(project)).value?.name,
    part: (project, part) => cache.read(partCache, { id: project, part }),
    rename: (project, name) =>
      write(async (tx) => {
        await tx.update(projects).set({ name }).where(eq(projects.id, project));
      }),
    async kill() {
      dead = true;
      await journal?.close();
      await store?.close();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** How the name of the project's entry in a shared store ends, and of the claim to load it. */
export function projectKey(id: string): string {
  return keyOf({ version: VERSION, name: projectCache.name, scope: 'public', args: { id } });
}

/** How the member's last write ended. */
export function howOf({ events }: Member): string | undefined {
  const done = events.findLast((event) => event.type === 'write-done');
  return done?.type === 'write-done' ? done.how : undefined;
}

/**
 * Several processes' caches in one test process: each a member of its own with its own memory,
 * connections and journal, on one database, sharing what a `Sharing` gives them.
 *   await using fleet = await createFleet({ members: 3, share: sharingOf(…) });
 * One cached definition reads a project by id; `loads` counts how often anybody asked the source.
 */
import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { systemClock, type CoherenceEvent, type Limits } from '../../src/cache/coherence/index.ts';
import {
  createCache,
  createLocalByteStore,
  createLocalHub,
  createPostgresJournal,
  createPostgresStore,
  createRedisJournal,
  createRedisStore,
  defineCacheFor,
  type BreakerOptions,
  type ByteStore,
  type Cache,
  type CacheRead,
  type Journal,
} from '../../src/cache/index.ts';
import { keyOf } from '../../src/cache/key.ts';
import { openDatabase, type Database } from '../../src/db/client.ts';
import { createDirectory, outboxTags } from '../../src/db/directory.ts';
import { createNotifications } from '../../src/db/notifications.ts';
import { createReader, type ReadDb } from '../../src/db/read.ts';
import { projects, projectTags, tagRegistry, users } from '../../src/db/schema/index.ts';
import { statementRunner } from '../../src/db/statements.ts';
import { createWrite, type Write } from '../../src/db/write.ts';
import { createTestDatabase } from '../fixtures/database.ts';
import { until } from '../contract/when-ready.ts';

export interface Shared {
  readonly store: ByteStore | undefined;
  readonly journal: Journal | undefined;
}

/** Makes one member's part of what is shared. */
export type Sharing = (member: { id: string; url: string; database: Database }) => Shared;

export interface FleetMember {
  readonly id: string;
  readonly cache: Cache<Resources>;
  readonly write: Write;
  readonly events: CoherenceEvent[];
  /** The project's name, read through the cache. */
  name(id: string): Promise<string | undefined>;
  read(id: string): Promise<CacheRead<Project>>;
  rename(id: string, name: string): Promise<void>;
  /** Stops renewing and answering without leaving, as a killed process does. */
  kill(): Promise<void>;
}

export interface Fleet extends AsyncDisposable {
  readonly members: readonly FleetMember[];
  readonly databaseUrl: string;
  /** Loads by all members since the last call. */
  loads(): number;
  /** Loads wait until this is called; then they no longer do. */
  holdLoads(): () => void;
  addProject(name: string): Promise<string>;
  /** How the name of the project's entry ends in the shared store, and of the claim to load it. */
  keyOf(project: string): string;
  /** Until a write is answered by all: connections are made behind one's back. */
  settled(): Promise<void>;
}

export interface FleetOptions {
  readonly members: number;
  readonly share: Sharing;
  readonly leaseMs?: number;
  readonly breaker?: BreakerOptions;
  readonly limits?: Partial<Limits>;
  /** Default: a database of its own. */
  readonly secret?: string;
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

const LEASE_MS = 2_000;
const VERSION = 'topology';

export async function createFleet(options: FleetOptions): Promise<Fleet> {
  await using parts = new AsyncDisposableStack();
  const { url } = parts.use(await createTestDatabase());
  let loads = 0;
  let held: Promise<void> | undefined;
  const loading = async (): Promise<void> => {
    loads += 1;
    await held;
  };

  async function addMember(): Promise<FleetMember> {
    const id = randomUUID();
    const database = openDatabase({ url, readConnectionsMax: 3, writeConnectionsMax: 3 });
    parts.defer(() => database.close());
    let dead = false;
    /** What a dead process would have done never happens, and it hears nothing of it. */
    const alive =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        dead ? new Promise<R>(() => undefined) : call(...args);
    const { store: bytes, journal } = options.share({ id, url, database });
    const store = bytes && {
      ...bytes,
      set: alive(bytes.set),
      claim: alive(bytes.claim),
      release: alive(bytes.release),
    };
    parts.defer(async () => {
      await Promise.all([journal?.close(), store?.close()]);
    });
    const reader = createReader(database.read);
    const events: CoherenceEvent[] = [];
    const directory = createDirectory(database);
    const cache = createCache<Resources>({
      member: {
        id,
        leaseMs: options.leaseMs ?? LEASE_MS,
        mode: 'lease',
        clock: systemClock,
        random: Math.random,
        ...(options.limits ? { limits: options.limits } : {}),
      },
      ports: {
        directory: {
          ...directory,
          beat: alive(directory.beat),
          observe: alive(directory.observe),
          leave: alive(directory.leave),
        },
      },
      shared: store && {
        store,
        secret: options.secret,
        ...(options.breaker ? { breaker: options.breaker } : {}),
      },
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
    return {
      id,
      cache,
      write,
      events,
      read,
      name: async (project) => (await read(project)).value?.name,
      rename: (project, name) =>
        write(async (tx) => {
          await tx.update(projects).set({ name }).where(eq(projects.id, project));
        }),
      async kill() {
        dead = true;
        await journal?.close();
        await store?.close();
      },
    };
  }

  const members: FleetMember[] = [];
  for (let index = 0; index < options.members; index += 1) members.push(await addMember());
  const [first] = members;

  async function addProject(name: string): Promise<string> {
    return first!.write(async (tx) => {
      const key = randomUUID();
      const [owner] = await tx
        .insert(users)
        .values({ name: 'owner', email: `${key}@example.com`, username: key })
        .returning();
      const [project] = await tx.insert(projects).values({ name, ownerId: owner!.id }).returning();
      return project!.id;
    });
  }
  const owned = parts.move();
  return {
    members,
    databaseUrl: url,
    loads() {
      const counted = loads;
      loads = 0;
      return counted;
    },
    holdLoads() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    addProject,
    keyOf: (id) =>
      keyOf({ version: VERSION, name: projectCache.name, scope: 'public', args: { id } }),
    async settled() {
      const project = await addProject('settling');
      for (const member of members) {
        await until(async () => {
          await member.rename(project, randomUUID());
          return howOf(member) === 'answered';
        });
      }
      await until(async () => {
        for (const { cache } of members) {
          await cache.get(projectCache, { id: randomUUID() });
          const { shared } = cache.report();
          if (shared && Object.values(shared.breakers).some((state) => state !== 'closed'))
            return false;
        }
        return true;
      });
      loads = 0;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What makes a process load by itself, of all members: a test of sharing says it when it fails. */
export function troublesOf({ members }: Fleet): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { events } of members) {
    for (const event of events) {
      if (!TROUBLES.has(event.type)) continue;
      const error = 'error' in event ? `: ${String(event.error)}` : '';
      const trouble = `${event.type}${error}`;
      counts[trouble] = (counts[trouble] ?? 0) + 1;
    }
  }
  return counts;
}

const TROUBLES = new Set([
  'lease-lost',
  'renewal-failed',
  'store-failed',
  'store-unusable',
  'not-kept',
]);

/** How the member's last write ended. */
export function howOf({ events }: FleetMember): string | undefined {
  const done = events.findLast((event) => event.type === 'write-done');
  return done?.type === 'write-done' ? done.how : undefined;
}

export function shareLocally(): Sharing {
  const hub = createLocalHub();
  const store = createLocalByteStore();
  return ({ id, database }) => ({
    store,
    journal: hub.join(id, { readTags: outboxTags(database.write) }),
  });
}

export function shareByPostgres(): Sharing {
  return ({ id, url, database }) => ({
    store: createPostgresStore({
      read: statementRunner(database.read),
      write: statementRunner(database.write),
    }),
    journal: createPostgresJournal({
      id,
      readTags: outboxTags(database.write),
      connection: createNotifications({ url, write: database.write }),
    }),
  });
}

/** @param patienceMs  with one command; default: a deployment's */
export function shareByRedis(url: string, patienceMs?: number): Sharing {
  const prefix = randomUUID();
  const commandTimeoutMs = patienceMs === undefined ? {} : { commandTimeoutMs: patienceMs };
  return ({ id, database }) => ({
    store: createRedisStore({ url, prefix, ...commandTimeoutMs }),
    journal: createRedisJournal({
      id,
      url,
      prefix,
      readTags: outboxTags(database.write),
      probeEveryMs: 500,
    }),
  });
}

/**
 * The studio without HTTP: a database of its own, the cache with its lease, and a caller for each
 * person, who goes through the same checks and caches as over HTTP.
 *   await using studio = await createStudio();
 *   const project = await studio.as('owner').project.create({ name: 'A' });
 * `sources` asks the same procedures past every cache: what a cached answer must be equal to.
 * A second studio `beside` the first is a second process on the same database.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { createEmbed } from '../../src/api/embeddings.ts';
import { createCaller } from '../../src/api/app-router.ts';
import type { CacheMark, Context, Services } from '../../src/api/context.ts';
import { knownCaches, type StudioCache, type StudioResources } from '../../src/api/resources.ts';
import type { Clock } from '../../src/cache/coherence/index.ts';
import {
  createCache,
  createPostgresStore,
  type ByteStore,
  type CacheDefinition,
} from '../../src/cache/index.ts';
import { openDatabase, type Sql } from '../../src/db/client.ts';
import { createDirectory } from '../../src/db/directory.ts';
import { createBuildKeeper } from '../../src/db/queries/builds.ts';
import { createSimilarLog } from '../../src/db/queries/similar.ts';
import { createReader } from '../../src/db/read.ts';
import { statementRunner } from '../../src/db/statements.ts';
import { tagRegistry } from '../../src/db/schema/index.ts';
import type { TagRegistry } from '../../src/db/tag-registry.ts';
import { createWrite } from '../../src/db/write.ts';
import { createTextAnalyzer, type Analyzer } from '../../src/services/analyzer/index.ts';
import { createOfflineBrain, createRewriter, type Brain } from '../../src/services/brain/index.ts';
import { createBuilder, type Builder } from '../../src/services/builder/index.ts';
import {
  askAlways,
  createSimilarTier,
  type SimilarTierOptions,
} from '../../src/services/reuse/index.ts';
import { createPersonality } from '../../src/services/personality/index.ts';
import { createTestDatabase } from '../fixtures/database.ts';
import { PATIENCE_MS } from '../builder/builder-fixture.ts';
import { createWordEmbedder } from '../reuse/world.ts';
import { createSlowClock } from './clock.ts';
import { addPeople, type People, type Person, type Role } from './people.ts';
import { watchStatements, type OnStatement } from './statements.ts';

/** Renewals every 50 ms: a test that waits for one does not wait long. */
const LEASE_MS = 200;
/** Dozens of cold reads at once, on a busy machine: none of them is to be shed. */
const LOAD_QUEUE_MS_MAX = 30_000;
/** What one studio's tests need at once; the server is shared by all suites. */
const READ_CONNECTIONS = 6;
const WRITE_CONNECTIONS = 4;

export type Definition = CacheDefinition<unknown, unknown, StudioResources>;
export type Caller = ReturnType<typeof createCaller>;

export interface StudioOptions {
  /** The first process, whose database this one shares. Default: a database of its own. */
  readonly beside?: Studio;
  /** A migrated database of the caller's. Default: one of its own, which only a test can have. */
  readonly databaseUrl?: string;
  /** Default: a slow one. */
  readonly clock?: Clock;
  readonly leaseMs?: number;
  /** Tag declarations other than the source's. The triggers in the database are the caller's. */
  readonly registry?: TagRegistry;
  /** Default true: a load that its tags do not cover throws. */
  readonly strict?: boolean;
  /** Cache definitions as a test wants them, e.g. one tag less, or a load that waits. */
  readonly alter?: (definition: Definition) => Definition;
  /** Every statement of procedures; not those of the lease. */
  readonly onStatement?: OnStatement;
  readonly builder?: Builder;
  readonly analyzer?: Analyzer;
  readonly brain?: Brain;
  /** How decisions are reused for similar prompts. Default: not at all. */
  readonly reuse?: Pick<SimilarTierOptions, 'embedder' | 'wrongMax' | 'ttlMs' | 'random'>;
  /** Default: few. */
  readonly readConnections?: number;
  /** How long a load waits for a place before it is shed. Default: longer than any test. */
  readonly loadQueueMs?: number;
  /** What processes share, e.g. two studios in one test. Default: nothing. */
  readonly store?: ByteStore;
  /** Of the in-process store; 0 keeps nothing in it. Default: the cache's own. */
  readonly memoryBytesMax?: number;
}

export interface Studio extends AsyncDisposable {
  readonly databaseUrl: string;
  readonly people: People;
  readonly cache: StudioCache;
  /** The same loaders past every cache: only its `fromSource` is of use. */
  readonly source: StudioCache;
  readonly services: Services;
  readonly leaseMs: number;
  /** A connection that knows nothing of the API, as psql has. */
  readonly sql: Sql;
  /** Nobody: signed out. */
  as(who: Role | Person | 'nobody', onMark?: (mark: CacheMark) => void): Caller;
  /** Callers past every cache that share what they load: for one comparison. */
  sources(): (who: Role | Person) => Caller;
  /** Resolves when a renewal of the lease that began after this call has been applied. */
  renewed(): Promise<void>;
}

export async function createStudio(options: StudioOptions = {}): Promise<Studio> {
  await using parts = new AsyncDisposableStack();
  const databaseUrl =
    options.beside?.databaseUrl ?? options.databaseUrl ?? parts.use(await createTestDatabase()).url;
  const leaseMs = options.leaseMs ?? LEASE_MS;
  const database = openDatabase({
    url: databaseUrl,
    readConnectionsMax: options.readConnections ?? READ_CONNECTIONS,
    writeConnectionsMax: WRITE_CONNECTIONS,
    connectMsMax: PATIENCE_MS,
  });
  parts.defer(() => database.close());
  const onStatement = options.onStatement ?? (() => undefined);
  const read = watchStatements(database.read, onStatement);
  const writeSql = watchStatements(database.write, onStatement);

  const builder = options.builder ?? createBuilder({ workersMax: 1, transformMsMax: PATIENCE_MS });
  if (!options.builder) parts.defer(() => builder.close());
  const brain = options.brain ?? createOfflineBrain();
  const rewrite = brain.rewrite && createRewriter({ rewrite: brain.rewrite, builder });
  const reader = await createReader(read);
  const embedder = options.reuse?.embedder ?? createWordEmbedder();
  const embed = createEmbed({ cache: () => own, embedder });
  const similar =
    options.reuse &&
    createSimilarTier({
      ...options.reuse,
      brain,
      log: createSimilarLog({ db: reader.db, write: writeSql }),
    });
  const keepBuild = createBuildKeeper(writeSql);
  const observations = countObservations(createDirectory(database));
  const clock = options.clock ?? createSlowClock();
  const now = () => clock.wallMs();
  const common = {
    openLoad() {
      const { db, touched } = reader.record();
      return {
        resources: {
          db,
          builder,
          brain,
          keepBuild,
          now,
          embedder,
          embed,
          similar: similar ?? askAlways,
        },
        touched,
      };
    },
    ports: { directory: observations.directory },
    version: 'test',
  };
  const member = {
    leaseMs,
    mode: 'lease',
    clock,
    random: () => 0.5,
    limits: { loadQueueTimeoutMs: options.loadQueueMs ?? LOAD_QUEUE_MS_MAX },
  } as const;
  const own: StudioCache = createCache<StudioResources>({
    ...common,
    member: { ...member, id: randomUUID() },
    coverage: options.registry ?? tagRegistry,
    strict: options.strict ?? true,
    // An altered one would be a second cache of the same name.
    definitions: options.alter ? [] : knownCaches,
    ...(options.store ? { shared: { store: options.store } } : {}),
    ...(options.memoryBytesMax === undefined
      ? {}
      : { memory: { bytesMax: options.memoryBytesMax } }),
  });
  // Never started, and switched off: only its way to the source is used.
  const source = createCache<StudioResources>({
    ...common,
    member: { ...member, id: randomUUID() },
    coverage: tagRegistry,
    strict: false,
    enabled: false,
  });
  await own.start();
  parts.defer(() => own.close());

  const cache = options.alter ? altering(own, options.alter) : own;
  const write = createWrite({ sql: writeSql, written: (done) => cache.written(done) });
  const personality = createPersonality({
    analyzer: options.analyzer ?? createTextAnalyzer(),
    claims: createPostgresStore({ read: statementRunner(read), write: statementRunner(writeSql) }),
    db: reader.db,
    write,
    now,
  });
  const reusing = { brain, rewrite, similar, embedder };
  const services = { cache, write, db: reader.db, personality, ...reusing };
  const people = options.beside?.people ?? (await addPeople(write));
  const owned = parts.move();

  function caller(who: Role | Person | 'nobody', given: Partial<Context> = {}): Caller {
    const person = typeof who === 'string' && who !== 'nobody' ? people[who] : who;
    return createCaller({
      services,
      session: person === 'nobody' ? null : sessionOf(person),
      requestId: 'test',
      limiter: { take: async () => undefined },
      mark: () => undefined,
      ...given,
    });
  }
  function sources() {
    const shared = { ...services, cache: remembering(source) };
    return (who: Role | Person) => caller(who, { services: shared });
  }
  return {
    databaseUrl,
    people,
    cache,
    source,
    services,
    leaseMs,
    sql: database.write,
    as: (who, onMark) => caller(who, onMark ? { mark: (_index, mark) => onMark(mark) } : {}),
    sources,
    renewed: observations.next,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function sessionOf(person: Person) {
  return { id: randomUUID(), expiresAt: new Date(8.64e15), user: person };
}

/** Definitions are told apart by identity: each altered once. */
function altering(cache: StudioCache, alter: NonNullable<StudioOptions['alter']>): StudioCache {
  const altered = new WeakMap<object, Definition>();
  const of = (definition: object) => {
    const known = altered.get(definition) ?? alter(definition as Definition);
    altered.set(definition, known);
    return known;
  };
  return {
    ...cache,
    read: (definition, args) => cache.read(of(definition) as typeof definition, args),
    get: (definition, args) => cache.get(of(definition) as typeof definition, args),
  };
}

/** Past the cache; loads with equal arguments are done once. */
function remembering(cache: StudioCache): StudioCache {
  const loads = new Map<string, Promise<unknown>>();
  const load: StudioCache['fromSource'] = (definition, args) => {
    const key = `${definition.name} ${JSON.stringify(args)}`;
    const known = loads.get(key) ?? cache.fromSource(definition, args);
    loads.set(key, known);
    return known as never;
  };
  return {
    ...cache,
    get: load,
    async read(definition, args) {
      const value = await load(definition, args);
      return {
        value,
        absent: value === undefined,
        stored: undefined,
        outcome: 'bypass',
        tier: 'source',
        storedAt: 0,
        validUntil: 0,
        deps: [],
      };
    },
  };
}

type Directory = ReturnType<typeof createDirectory>;

function countObservations(directory: Directory) {
  let waiting: (() => void)[] = [];
  return {
    directory: {
      ...directory,
      async observe(since) {
        const told = waiting;
        waiting = [];
        try {
          return await directory.observe(since);
        } finally {
          // After the machine has applied what this returns.
          void setImmediate().then(() => told.forEach((tell) => tell()));
        }
      },
    } satisfies Directory,
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  };
}

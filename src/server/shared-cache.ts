/**
 * What this process shares with others: a store behind its own memory, and a journal that tells of
 * writes. Redis for both where there is one. Without it the journal is PostgreSQL's LISTEN/NOTIFY,
 * which costs one connection, so that a second process is fast without any setting; and the store
 * is none, because the database itself is as near as a table in it. But for answers of a paid model:
 * N processes that are asked the same at once ask it once.
 */
import {
  createPostgresJournal,
  createPostgresStore,
  createRedisJournal,
  createRedisStore,
  type BreakerEvent,
  type ByteStore,
  type Journal,
  type SharedOptions,
} from '../cache/index.ts';
import { MINUTE, SECOND } from '../config/duration.ts';
import type { Config } from '../config/env.ts';
import type { Database } from '../db/client.ts';
import { createNotifications } from '../db/notifications.ts';
import { outboxTags } from '../db/directory.ts';
import { statementRunner } from '../db/statements.ts';
import type { Logger } from './log.ts';

export interface SharedCacheOptions {
  /** The member's. */
  id: string;
  config: Config;
  database: Database;
  /** Past a pooler. */
  directUrl: string;
  log: Logger;
}

export interface SharedCache {
  readonly shared: SharedOptions;
  readonly journal: Journal | undefined;
  /** After the cache is closed. */
  close(): Promise<void>;
}

type StoreName = NonNullable<Config['cache']['store']>;
type JournalName = NonNullable<Config['cache']['journal']>;

const CHECK_EVERY_MS = SECOND;

export function chooseShared({ cache, redis }: Config): { store: StoreName; journal: JournalName } {
  return {
    store: cache.store ?? (redis ? 'redis' : 'memory'),
    journal: cache.journal ?? (redis ? 'redis' : 'postgres'),
  };
}

/** Dearer to load than to look up in a table: shared where nothing else is, unless told otherwise. */
const DEAR = 'decision.make';

function storesByCache({ cache, ai, redis }: Config): ReadonlyMap<string, StoreName> {
  const isLeftToUs = ai && !redis && cache.store === undefined;
  return new Map([...(isLeftToUs ? ([[DEAR, 'postgres']] as const) : []), ...cache.storeOf]);
}

export function openSharedCache(options: SharedCacheOptions): SharedCache {
  const { config, log } = options;
  const chosen = chooseShared(config);
  const opened = new Map<StoreName, ByteStore | undefined>();
  const storeFor = (name: StoreName): ByteStore | undefined => {
    if (!opened.has(name)) opened.set(name, openStore(name, options));
    return opened.get(name);
  };
  const store = storeFor(chosen.store);
  const byCache = Array.from(
    storesByCache(config),
    ([cache, name]) => [cache, storeFor(name)] as const,
  );
  const journal = openJournal(chosen.journal, options);
  const checks = [...opened.values()].flatMap((one) => (one ? [checkPolicy(one, options)] : []));
  return {
    shared: {
      store,
      byCache: Object.fromEntries(byCache),
      secret: config.auth.secret,
      breaker: { onChange: (event) => logBreaker(log, event) },
      onRefused: (key, err) => log.debug({ key, err }, 'cache: an entry was refused'),
    },
    journal,
    async close() {
      for (const stop of checks) stop();
      await Promise.all([journal, ...opened.values()].map(async (one) => one?.close()));
    },
  };
}

function openStore(
  name: StoreName,
  { config, database, log }: SharedCacheOptions,
): ByteStore | undefined {
  switch (name) {
    case 'redis':
      return createRedisStore({
        url: config.redis?.url ?? '',
        connectionName: 'greenroom-store',
        onError: seldom((err) => log.warn({ err }, 'cache: Redis cannot be reached')),
      });
    case 'postgres':
      return createPostgresStore({
        read: statementRunner(database.read),
        write: statementRunner(database.write),
      });
    case 'memory':
      return undefined;
  }
}

function openJournal(name: JournalName, options: SharedCacheOptions): Journal | undefined {
  const { id, config, database, directUrl, log } = options;
  const readTags = outboxTags(database.write);
  // Only one that was given is the same in all processes.
  const { secret } = config.auth;
  switch (name) {
    case 'redis':
      return createRedisJournal({
        id,
        readTags,
        secret,
        url: config.redis?.url ?? '',
        connectionName: 'greenroom-journal',
        onError: seldom((err) => log.warn({ err }, 'cache: the journal in Redis is away')),
      });
    case 'postgres':
      return createPostgresJournal({
        id,
        readTags,
        secret,
        connection: createNotifications({
          url: directUrl,
          write: database.write,
          onError: seldom((err) => log.warn({ err }, 'cache: LISTEN failed')),
        }),
      });
    case 'none':
      return undefined;
  }
}

/** Asks until the server answers: it may be away now. What it answers otherwise is worth a line. */
function checkPolicy(store: ByteStore, { config, log }: SharedCacheOptions): () => void {
  const expected = config.cache.evictionPolicy;
  if (expected === undefined) return () => undefined;
  const check = async (): Promise<void> => {
    const { evictionPolicy } = await store.describe();
    clearInterval(timer);
    if (evictionPolicy === undefined || evictionPolicy === expected) return;
    log.warn({ expected, evictionPolicy }, 'cache: the server evicts otherwise than expected');
  };
  const timer = setInterval(() => void check().catch(() => undefined), CHECK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function logBreaker(log: Logger, { direction, state, error }: BreakerEvent): void {
  if (state === 'half-open') return;
  if (state === 'open') log.warn({ direction, err: error }, 'cache: the shared store rests');
  else log.info({ direction }, 'cache: the shared store is used again');
}

/** Reconnecting clients repeat themselves twice a second. */
function seldom(tell: (error: unknown) => void): (error: unknown) => void {
  let silentUntil = 0;
  return (error) => {
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + MINUTE;
    tell(error);
  };
}

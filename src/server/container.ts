/**
 * The composition root: the only place that knows every part. Puts them together in the order in
 * which they need each other, and takes them apart in the opposite one, also when a later part
 * fails to start. Returns when the server listens, which is when it is ready.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { TRPCError } from '@trpc/server';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../api/context.ts';
import { appRouter } from '../api/app-router.ts';
import { connectRedis, createPostgresStore } from '../cache/index.ts';
import { systemClock } from '../cache/coherence/index.ts';
import type { Config } from '../config/env.ts';
import { openDatabase, assertReadOnly, READ_CONNECTIONS_MAX } from '../db/client.ts';
import { migrate } from '../db/migrate.ts';
import { createReader } from '../db/read.ts';
import { statementRunner } from '../db/statements.ts';
import { createWrite } from '../db/write.ts';
import { createModelAnalyzer, createTextAnalyzer } from '../services/analyzer/index.ts';
import { createModelBrain, createOfflineBrain, createRewriter } from '../services/brain/index.ts';
import { createBuilder } from '../services/builder/index.ts';
import { createEndpointEmbedder } from '../services/embeddings/endpoint-embedder.ts';
import { createWorkerEmbedder } from '../services/embeddings/worker-embedder.ts';
import { askAlways } from '../services/reuse/index.ts';
import { createPersonality } from '../services/personality/index.ts';
import { createAuth, SESSION_COOKIE } from './auth.ts';
import { keptSecret } from './auth-secret.ts';
import { findDatabase } from './database-place.ts';
import { createAddressOf } from './client-address.ts';
import { createHttpServer } from './http.ts';
import { createLimiterOf } from './limiter-of.ts';
import type { Logger } from './log.ts';
import { createOrigins } from './origins.ts';
import { createMemoryLimitStore, type LimitStore } from './rate-limit-store.ts';
import { createRateLimits } from './rate-limit.ts';
import { createRedisLimitStore } from './redis-limit-store.ts';
import { restRoute } from './rest/rest-route.ts';
import { chooseShared, openSharedCache } from './shared-cache.ts';
import { seedWhenDue } from './seed-when-due.ts';
import { openSimilarTier } from './similar-tier.ts';
import { createSessionTokens } from './session-token.ts';
import { createSessions } from './sessions.ts';
import { createStudioCache, distrustDrifted } from './studio-cache.ts';
import { createTokenGuesses } from './token-guesses.ts';
import type { RequestEdge } from './trpc-route.ts';

export interface ContainerOptions {
  config: Config;
  log: Logger;
  /** Takes lines for a person: what a first start is doing. */
  print: (line: string) => void;
}

export interface Container extends AsyncDisposable {
  /** For a person on this machine, such as `http://localhost:3000`. */
  readonly url: string;
  readonly services: Context['services'];
  /** Lets answers under way finish, then leaves everything. */
  close(): Promise<void>;
}

export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { config, log, print } = options;
  await using parts = new AsyncDisposableStack();

  const place = await findDatabase(config.database, print);
  parts.defer(() => place.leave());
  await migrate(place.directUrl);
  const readConnections = readConnectionsOf(config);
  const database = openDatabase({ ...place, readConnectionsMax: readConnections });
  parts.defer(() => database.close());
  await assertReadOnly(database);

  const builder = createBuilder();
  parts.defer(() => builder.close());
  const brain = config.ai ? createModelBrain(config.ai) : createOfflineBrain();
  const rewrite = brain.rewrite && createRewriter({ rewrite: brain.rewrite, builder });
  const embedder = config.embeddings
    ? createEndpointEmbedder(config.embeddings)
    : createWorkerEmbedder();
  parts.defer(() => embedder.close());
  const reader = await createReader(database.read);
  const { db } = reader;
  const similar = openSimilarTier({ config, brain, embedder, db, database, log });
  const id = randomUUID();
  const { directUrl } = place;
  const shared = openSharedCache({ id, config, database, directUrl, log });
  parts.defer(() => shared.close());
  const cache = createStudioCache({
    config,
    database,
    reader,
    readConnections,
    builder,
    brain,
    similar: similar ?? askAlways,
    embedder,
    id,
    shared,
    log,
  });
  await distrustDrifted(cache, { database, log });
  await cache.start();
  parts.defer(() => cache.close());

  const write = createWrite({ sql: database.write, written: (done) => cache.written(done) });
  await seedWhenDue({ config, embedded: place.embedded, db, write, print });

  if (config.auth.secret === undefined && !place.embedded) {
    log.warn('BETTER_AUTH_SECRET is not set: sessions hold on this host only');
  }
  const secret = config.auth.secret ?? (await keptSecret(config.database.dataDir));
  let port = config.http.port;
  const origins = createOrigins({ trusted: config.http.trustedOrigins, port: () => port });
  const auth = createAuth({
    read: db,
    write,
    secret,
    baseUrl: `http://localhost:${port}`,
    origins,
    log: (level, message, err) => log[level]({ err }, message),
  });
  const personality = createPersonality({
    analyzer: config.ai ? createModelAnalyzer(config.ai) : createTextAnalyzer(),
    claims: createPostgresStore({
      read: statementRunner(database.read),
      write: statementRunner(database.write),
    }),
    db,
    write,
    now: systemClock.wallMs,
  });
  const reusing = { brain, rewrite, similar, embedder };
  const services: Context['services'] = { cache, write, db, personality, ...reusing };

  const limitStore = openLimitStore(config, log);
  parts.defer(() => limitStore.close());
  const addressOf = createAddressOf(config.http.trustProxy);
  const guesses = createTokenGuesses({ perMinute: config.limits.perMinute, addressOf });
  const tokens = createSessionTokens({ secret, cookieName: SESSION_COOKIE });
  const limits = createRateLimits({
    store: limitStore,
    limits: {
      calls: config.limits.perMinute,
      reads: config.limits.readsPerMinute,
      'sign-in': config.limits.signInPerMinute,
    },
  });
  const edge = {
    createContext: (request: RequestEdge): Context => ({ ...request, services }),
    sessions: createSessions({ tokens, cache, guesses }),
    memory: cache,
    tokens,
    origins,
    limiterOf: createLimiterOf({ limits, addressOf, guesses }),
    addressOf,
    onError: (error: TRPCError, where: object) =>
      log.error({ ...where, err: error }, 'a call failed'),
  };
  const app = await createHttpServer({
    ...edge,
    router: appRouter,
    auth,
    log,
    readiness: () => ({ migrated: true, seeded: true, lease: cache.report().coherence.leaseHeld }),
    routes: (server) => restRoute(server, edge),
  });
  parts.defer(() => app.close());
  await listen(app, config.http);
  ({ port } = app.server.address() as AddressInfo);

  const started = parts.move();
  return {
    url: `http://${shownHost(config.http.host)}:${port}`,
    services,
    close: () => started.disposeAsync(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function listen(app: FastifyInstance, { host, port }: Config['http']): Promise<void> {
  try {
    // The line with the address is main's: one is enough.
    await app.listen({ host, port, listenTextResolver: () => 'listening' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const message = `PORT ${port} is in use on ${host}: set PORT to a free one`;
    throw new Error(message, { cause: error });
  }
}

/** One count for all processes where there is a Redis, and one for each where there is none. */
function openLimitStore({ redis }: Config, log: Logger): LimitStore & { close(): void } {
  const fallback = createMemoryLimitStore();
  if (!redis) return { ...fallback, close: () => undefined };
  const connection = connectRedis({ url: redis.url, connectionName: 'greenroom-limits' });
  const onError = (err: unknown): void => log.debug({ err }, 'limits are counted in this process');
  const store = createRedisLimitStore({ connection, fallback, onError });
  return { ...store, close: () => connection.close() };
}

/** A process has 20 connections: one that listens is one that does not read. */
function readConnectionsOf(config: Config): number {
  const listens = chooseShared(config).journal === 'postgres';
  return READ_CONNECTIONS_MAX - (listens ? 1 : 0);
}

/** Loopback and "all addresses" are shown by the name that people type. */
function shownHost(host: string): string {
  const everywhere = ['0.0.0.0', '::', '127.0.0.1', '::1'];
  if (everywhere.includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** The process behind `served.ts`. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import superjson from 'superjson';
import { z } from 'zod';
import { appRouter } from '../../../src/api/app-router.ts';
import type { Context } from '../../../src/api/context.ts';
import { defineCache } from '../../../src/api/resources.ts';
import { readConfig } from '../../../src/config/env.ts';
import { projectTags } from '../../../src/db/schema/index.ts';
import { SESSION_COOKIE } from '../../../src/server/auth.ts';
import { startContainer, type Container } from '../../../src/server/container.ts';
import { createLog } from '../../../src/server/log.ts';
import { createRateLimits } from '../../../src/server/rate-limit.ts';
import { createMemoryLimitStore } from '../../../src/server/rate-limit-store.ts';
import { createSessionTokens } from '../../../src/server/session-token.ts';
import { createSessions } from '../../../src/server/sessions.ts';
import type { ServedAs } from './served.ts';

const KEEP_ALIVE_MS = 72_000;
const FILLED_AT_ONCE = 500;

type Close = () => Promise<void> | void;

let close: Close = () => undefined;

process.on('message', (message: ServedAs | 'cpu' | 'end') => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  } else if (message === 'end') {
    void Promise.resolve(close()).then(() => process.exit(0));
  } else {
    void start(message).then((port) => process.send?.(port));
  }
});
process.on('disconnect', () => process.exit(0));

async function start(as: ServedAs): Promise<number> {
  if (as.kind === 'ours') {
    const container = await startOurs(as.env);
    close = () => container.close();
    await fillMemory(container, as.entries ?? 0);
    return Number(new URL(container.url).port);
  }
  const container = as.kind === 'adapted' ? await startOurs(as.env) : undefined;
  const server =
    as.kind === 'constant'
      ? constant(as.answers)
      : as.kind === 'official'
        ? official(as)
        : adapted(container!, as.env);
  // As fastify's: a connection waits here while the others have their turn.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  close = async () => {
    server.closeAllConnections();
    server.close();
    await container?.close();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function startOurs(env: Readonly<Record<string, string>>): Promise<Container> {
  const config = readConfig({ ...env });
  return startContainer({
    config,
    log: createLog({ level: config.log.level }),
    print: () => undefined,
  });
}

const smallCache = defineCache({
  name: 'bench.small',
  tags: ({ index }: { index: number }) => [projectTags.one({ id: String(index) })],
  load: async ({ index }) => ({ index, done: false }),
});

async function fillMemory({ services }: Container, entries: number): Promise<void> {
  // Before the first renewal nothing is kept.
  await services.cache.start();
  for (let from = 0; from < entries; from += FILLED_AT_ONCE) {
    const count = Math.min(FILLED_AT_ONCE, entries - from);
    const reads = Array.from({ length: count }, (_, at) =>
      services.cache.get(smallCache, { index: from + at }),
    );
    await Promise.all(reads);
  }
  const kept = services.cache.report().store.entries;
  if (kept < entries) throw new Error(`${kept} of ${entries} entries were kept`);
}

/** What the studio's own server hands to tRPC, handed to its plainest adapter. */
function adapted({ services }: Container, env: Readonly<Record<string, string>>): Server {
  const secret = env['BETTER_AUTH_SECRET']!;
  const tokens = createSessionTokens({ secret, cookieName: SESSION_COOKIE });
  const sessions = createSessions({ tokens, cache: services.cache });
  const perMinute = Number(env['RATE_LIMIT_READS_PER_MINUTE']);
  const limits = createRateLimits({
    store: createMemoryLimitStore(),
    limits: { calls: perMinute, reads: perMinute, 'sign-in': perMinute },
  });
  const handler = createHTTPHandler({
    basePath: '/trpc/',
    router: appRouter,
    async createContext({ req }): Promise<Context> {
      const session = await sessions.find(req);
      const address = req.socket.remoteAddress ?? '';
      return {
        services,
        session,
        requestId: randomUUID(),
        limiter: limits.of(session ? { userId: session.user.id } : { address }),
        mark: () => undefined,
      };
    },
  });
  return createServer((request, response) => {
    handler(request, response);
  });
}

function constant(answers: Extract<ServedAs, { kind: 'constant' }>['answers']): Server {
  const known = new Map(
    Object.entries(answers).map(([url, { status, headers, body }]) => [
      url,
      { status, headers: headers.flat(), body: Buffer.from(body) },
    ]),
  );
  return createServer((request, response) => {
    const answer = known.get(request.url!)!;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });
}

/** `scene` and `list` are superjson texts. */
function official(as: Extract<ServedAs, { kind: 'official' }>): Server {
  const { router, procedure } = initTRPC.create({ transformer: superjson });
  const scene = superjson.parse(as.scene);
  const list = superjson.parse(as.list);
  const input = z.object({ projectId: z.uuid(), sceneId: z.uuid().optional() });
  const handler = createHTTPHandler({
    basePath: '/trpc/',
    router: router({
      scene: router({
        byId: procedure.input(input).query(() => scene),
        list: procedure.input(input).query(() => list),
      }),
    }),
  });
  return createServer((request, response) => {
    handler(request, response);
  });
}

/**
 * A small tRPC router in the place of the studio's, and a server around it: what the HTTP layer
 * does is tested without a database.
 */
import { initTRPC, TRPCError } from '@trpc/server';
import type { FastifyInstance } from 'fastify';
import superjson from 'superjson';
import { z } from 'zod';
import type { CacheMark, Session } from '../../src/api/context.ts';
import { createAddressOf } from '../../src/server/client-address.ts';
import { createHttpServer } from '../../src/server/http.ts';
import { createLimiterOf } from '../../src/server/limiter-of.ts';
import { createLog } from '../../src/server/log.ts';
import { createOrigins } from '../../src/server/origins.ts';
import { createMemoryLimitStore } from '../../src/server/rate-limit-store.ts';
import { createRateLimits } from '../../src/server/rate-limit.ts';
import { createSessionTokens } from '../../src/server/session-token.ts';
import type { RequestEdge } from '../../src/server/trpc-route.ts';

/** The edge of a request, and a gate at which slow calls wait. */
type StandInContext = RequestEdge & { gate: Gate };

interface Gate {
  waiting: number;
  streams: number;
  opened: Promise<void>;
}

const t = initTRPC.context<StandInContext>().create({
  transformer: superjson,
  errorFormatter: ({ shape }) => ({ ...shape, data: { ...shape.data, stack: undefined } }),
});

const read = t.procedure.use(async ({ ctx, next }) => {
  await ctx.limiter.take('reads');
  return next();
});

export const MARK: CacheMark = {
  storedAt: 1_000,
  validUntil: Date.now() + 60_000,
  deps: ['scene:1'],
  outcome: 'hit',
  tier: 'l1',
};

export const standInRouter = t.router({
  echo: read.input(z.object({ text: z.string() })).query(({ input }) => input.text),
  cached: read
    .input(z.object({ name: z.string(), outcome: z.enum(['hit', 'miss', 'stale']).optional() }))
    .query(({ ctx, input, batchIndex }) => {
      const mark = { ...MARK, deps: [input.name], outcome: input.outcome ?? 'hit' };
      ctx.mark(batchIndex ?? 0, mark);
      return { name: input.name, at: new Date(0), text: 'x'.repeat(2_000) };
    }),
  members: read.query(({ ctx }) => {
    if (!ctx.session) throw new TRPCError({ code: 'UNAUTHORIZED' });
    return ctx.session.user.email;
  }),
  change: t.procedure.input(z.object({ name: z.string() })).mutation(async ({ ctx, input }) => {
    await ctx.limiter.take('calls');
    return input.name;
  }),
  fail: read.query(() => {
    throw new Error('relation "users" does not exist at /srv/app/db.ts');
  }),
  slow: t.procedure.query(async ({ ctx }) => {
    ctx.gate.waiting += 1;
    await ctx.gate.opened;
    return 'done';
  }),
  ticks: t.procedure.subscription(async function* ({ ctx, signal }) {
    ctx.gate.streams += 1;
    try {
      yield 'first';
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
    } finally {
      ctx.gate.streams -= 1;
    }
  }),
});

export interface StandIn extends AsyncDisposable {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly lines: Record<string, unknown>[];
  /** Calls of `slow` that wait. */
  slowCalls(): number;
  finishSlowCalls(): void;
  openStreams(): number;
}

export interface StandInOptions {
  limits?: { calls?: number; reads?: number; signIn?: number };
  trusted?: string[];
  session?: Session | null;
  ready?: boolean;
  authHandler?: (request: Request) => Promise<Response>;
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  let port = 0;
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const gate: Gate = { waiting: 0, streams: 0, opened };
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const addressOf = createAddressOf(undefined);
  const app = await createHttpServer({
    router: standInRouter,
    createContext: (edge) => ({ ...edge, gate }),
    sessions: { peek: () => undefined, find: async () => options.session ?? null },
    tokens: createSessionTokens({ secret: 'a secret', cookieName: 'greenroom.session_token' }),
    origins: createOrigins({ trusted: options.trusted ?? [], port: () => port }),
    addressOf,
    limiterOf: createLimiterOf({
      addressOf,
      limits: createRateLimits({
        store: createMemoryLimitStore(),
        limits: {
          calls: options.limits?.calls ?? 100,
          reads: options.limits?.reads ?? 3_000,
          'sign-in': options.limits?.signIn ?? 20,
        },
      }),
    }),
    onError: (error, where) => log.error({ ...where, err: error }, 'a procedure failed'),
    auth: { handler: options.authHandler ?? (async () => Response.json({ ok: true })) },
    log,
    readiness: () => ({ migrated: true, seeded: true, lease: options.ready ?? true }),
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  if (typeof address === 'object' && address) port = address.port;
  return {
    url: `http://127.0.0.1:${port}`,
    app,
    lines,
    slowCalls: () => gate.waiting,
    finishSlowCalls: () => open(),
    openStreams: () => gate.streams,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

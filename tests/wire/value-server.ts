/**
 * A server without a database whose cached queries answer any value: `value` as it is, `changed` by
 * a middleware outside of the cached procedure, `failing` never. What runs is counted.
 */
import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { z } from 'zod';
import { Beside } from '../../src/cache/beside.ts';
import { digestOfText, encodeValue, textOf, type StoredText } from '../../src/cache/codec/value.ts';
import type { CacheMark } from '../../src/api/context.ts';
import { createAddressOf } from '../../src/server/client-address.ts';
import { createHttpServer } from '../../src/server/http.ts';
import { createLimiterOf } from '../../src/server/limiter-of.ts';
import { createLog } from '../../src/server/log.ts';
import { createOrigins } from '../../src/server/origins.ts';
import { createMemoryLimitStore } from '../../src/server/rate-limit-store.ts';
import { createRateLimits } from '../../src/server/rate-limit.ts';
import { createSessionTokens } from '../../src/server/session-token.ts';
import type { RequestEdge } from '../../src/server/trpc-route.ts';

interface Stored {
  readonly value: unknown;
  readonly mark: CacheMark;
}

export interface ValueServer extends AsyncDisposable {
  readonly url: string;
  /** What `value` and `changed` answer for this id. */
  store(id: string, value: unknown, mark?: Partial<CacheMark>): void;
  /** Bytes kept beside the value, or undefined. */
  keptBytes(id: string): number | undefined;
  readonly runs: { resolver: number; middleware: number };
  readonly lines: Record<string, unknown>[];
  /** Whether the call's signal was told that the caller left. */
  readonly aborted: Promise<boolean>;
}

export async function startValueServer(options: { wire?: boolean } = {}): Promise<ValueServer> {
  const stored = new Map<string, Stored>();
  const runs = { resolver: 0, middleware: 0 };
  const lines: Record<string, unknown>[] = [];
  const left = Promise.withResolvers<boolean>();

  const t = initTRPC
    .context<RequestEdge>()
    .meta<{ kind: string }>()
    .create({ transformer: superjson, isDev: false });
  const limited = t.procedure.use(async ({ ctx, next }) => {
    runs.middleware += 1;
    await ctx.limiter.take('reads');
    return next({ ctx: { passed: true } });
  });
  const input = z.object({ id: z.string().max(20) });
  const redacting = limited.use(async ({ next }) => {
    const result = await next();
    return result.ok ? { ...result, data: { redacted: true } } : result;
  });
  const cached = (procedure: typeof limited) =>
    procedure
      .meta({ kind: 'cached' })
      .input(input)
      .query(({ ctx, input: { id }, batchIndex }) => {
        runs.resolver += 1;
        const found = stored.get(id);
        if (!found) throw new TRPCError({ code: 'NOT_FOUND', message: `no ${id}` });
        ctx.mark(batchIndex ?? 0, found.mark);
        return found.value;
      });
  const router = t.router({
    value: cached(limited),
    changed: cached(redacting as unknown as typeof limited),
    failing: limited
      .meta({ kind: 'cached' })
      .input(input)
      .query(() => {
        runs.resolver += 1;
        throw new Error('a secret of the server');
      }),
    hanging: limited.meta({ kind: 'cached' }).query(async ({ signal }) => {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
      left.resolve(true);
      return 'nobody reads this';
    }),
    plain: limited.input(input).query(({ input: { id } }) => id),
    change: t.procedure.input(input).mutation(({ input: { id } }) => id),
  });
  const port = 0;
  const addressOf = createAddressOf(undefined);
  const app = await createHttpServer({
    router,
    createContext: (edge) => edge,
    sessions: { peek: () => undefined, find: async () => null },
    tokens: createSessionTokens({ secret: 'a secret', cookieName: 'greenroom.session_token' }),
    origins: createOrigins({ trusted: ['https://studio.example.com'], port: () => port }),
    addressOf,
    limiterOf: createLimiterOf({
      addressOf,
      limits: createRateLimits({
        store: createMemoryLimitStore(),
        limits: { calls: 1_000_000, reads: 1_000_000, 'sign-in': 20 },
      }),
    }),
    onError: (error) => lines.push({ error: error.message }),
    auth: { handler: async () => Response.json({ ok: true }) },
    log: createLog({
      level: 'debug',
      destination: { write: (line) => void lines.push(JSON.parse(line) as never) },
    }),
    readiness: () => ({ migrated: true, seeded: true, lease: true }),
    ...options,
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    url,
    runs,
    lines,
    aborted: left.promise,
    store(id, value, said = {}) {
      const mark: CacheMark = {
        storedAt: 1_000,
        validUntil: 2_000,
        deps: [`value:${id}`],
        outcome: 'hit',
        tier: 'l1',
        // As after a hit in the shared store, where the value has a text.
        from: { value, stored: storedText(value), beside: new Beside(() => true) },
        ...said,
      };
      stored.set(id, { value, mark });
    },
    keptBytes: (id) => stored.get(id)?.mark.from?.beside?.bytes,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

export function pathOf(procedure: string, input: unknown): string {
  return `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;
}

export function batchOf(calls: readonly (readonly [procedure: string, input: unknown])[]): string {
  const inputs = Object.fromEntries(calls.map(([, json], index) => [index, { json }]));
  const paths = calls.map(([procedure]) => procedure).join(',');
  return `/trpc/${paths}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`;
}

function storedText(value: unknown): StoredText | undefined {
  try {
    const bytes = encodeValue(value);
    const text = textOf(bytes);
    return text === undefined ? undefined : { text, digest: digestOfText(bytes)! };
  } catch {
    return undefined;
  }
}

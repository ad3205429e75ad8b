/**
 * A file of the sample app: the same router behind the official adapter alone, and with the wire path
 * before it. It prints both addresses as JSON, counts what runs, and ends with its standard input.
 */
export const WIRE_APP = `import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { asc, eq } from 'drizzle-orm';
import { createWire, withWire, type WireContextOptions } from 'greenroom/server';
import { createProcedures } from 'greenroom/trpc';
import superjson from 'superjson';
import { z } from 'zod';
import { cache, close, write } from './cache.ts';
import type { Context } from './router.ts';
import { notes } from './schema.ts';
import { noteTags } from './tags.ts';

const ran = { contexts: 0, middlewares: 0, scopes: 0, loads: 0, steps: 0, acts: 0, errors: 0 };
const t = initTRPC.context<Context>().create({ transformer: superjson, isDev: false });

const counted = t.procedure.use(({ ctx, next }) => {
  ran.middlewares += 1;
  if (ctx.userId === 'greedy') throw new TRPCError({ code: 'TOO_MANY_REQUESTS' });
  return next({ ctx: { counted: true } });
});
const redacting = counted.use(async ({ next }) => {
  const result = await next();
  return result.ok ? { ...result, data: 'redacted' } : result;
});

function proceduresFrom(procedure: typeof counted) {
  return createProcedures({
    procedure,
    cache: () => cache,
    write: () => write,
    mark: ({ marks }, index, mark) => marks?.add(index, mark),
    scopes: {
      user: ({ ctx }) => {
        ran.scopes += 1;
        if (ctx.userId === undefined) throw new TRPCError({ code: 'UNAUTHORIZED' });
        return { userId: ctx.userId };
      },
      author: ({ ctx, input }: { ctx: { userId: string | undefined }; input: { authorId: string } }) => {
        ran.scopes += 1;
        if (ctx.userId !== input.authorId) throw new TRPCError({ code: 'FORBIDDEN' });
        return { authorId: input.authorId };
      },
    },
  });
}
const { cachedQuery, cachedAction, mutation } = proceduresFrom(counted);

const router = t.router({
  notes: t.router({
    all: cachedQuery({
      name: 'notes.all',
      scope: 'user',
      input: z.void(),
      tags: ({ userId }) => [noteTags.ofAuthor({ authorId: userId })],
      async load({ userId }, { db }) {
        ran.loads += 1;
        const rows = await db.select().from(notes).where(eq(notes.authorId, userId)).orderBy(asc(notes.text));
        return { rows, at: new Date(0), sizes: new Map(rows.map(({ text }) => [text, text.length])) };
      },
    }),
    one: cachedQuery({
      name: 'notes.one',
      scope: 'author',
      input: z.object({ authorId: z.string(), id: z.uuid() }),
      tags: ({ input }) => [noteTags.one(input)],
      async load({ input }, { db }) {
        ran.loads += 1;
        const [row] = await db.select().from(notes).where(eq(notes.id, input.id));
        return row;
      },
    }),
    failing: cachedQuery({
      name: 'notes.failing',
      scope: 'user',
      input: z.void(),
      tags: () => [],
      load: () => Promise.reject<string>(new Error('the source is away')),
    }),
    secret: proceduresFrom(redacting as unknown as typeof counted).cachedQuery({
      name: 'notes.secret',
      scope: 'user',
      input: z.void(),
      tags: () => [],
      load: async () => ({ password: 'never' }),
    }),
    plain: counted.query(() => 'plain'),
    add: mutation({
      scope: 'user',
      input: z.object({ text: z.string() }),
      run: async ({ input, userId, write }) => {
        const [row] = await write((tx) =>
          tx.insert(notes).values({ authorId: userId, text: input.text }).returning(),
        );
        return row!;
      },
    }),
    polish: cachedAction({
      name: 'notes.polish',
      scope: 'author',
      input: z.object({ authorId: z.string(), id: z.uuid() }),
      basis: async ({ input, ctx: { counted } }) => {
        if (!counted) throw new Error('the middleware did not run');
        return { id: input.id };
      },
      tags: ({ input }) => [noteTags.one(input)],
      async load({ input }, { db }) {
        ran.steps += 1;
        const [row] = await db.select().from(notes).where(eq(notes.id, input.id));
        return row?.text.toUpperCase();
      },
      async act({ authorId, value, reuse, write }) {
        ran.acts += 1;
        await write((tx) => tx.insert(notes).values({ authorId, text: value }));
        return { value, reuse };
      },
    }),
  }),
  ran: t.procedure.query(() => ran),
});

const options = {
  basePath: '/api/',
  maxBatchSize: 3,
  router,
  createContext({ req, res, info, marks }: WireContextOptions): Context {
    ran.contexts += 1;
    res.setHeader('x-calls', info.calls.map(({ path }) => path).join(' '));
    return { userId: req.headers['x-user']?.toString(), marks };
  },
  onError: () => void (ran.errors += 1),
};
const handler = createHTTPHandler(options);
const wire = await createWire({ ...options, headers: { 'x-by': 'wire' } });

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: \`http://127.0.0.1:\${(server.address() as AddressInfo).port}/api/\` };
}
const official = await serve(handler);
const wired = await serve(withWire(handler, wire));
console.log(JSON.stringify({ official: official.url, wired: wired.url }));

await once(process.stdin.resume(), 'end');
for (const { server } of [official, wired]) {
  server.closeAllConnections();
  server.close();
}
await close();
`;

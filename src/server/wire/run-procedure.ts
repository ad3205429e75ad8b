/**
 * Runs a procedure as tRPC does, but without its two object copies for each middleware, which cost
 * more than everything that the middlewares do for a cached answer (9 µs of 10).
 *
 * The list of a procedure's middlewares is not public. So the runner is first compared with tRPC's
 * own on a probe (context, input, results and errors, passed on and changed); where they differ, or
 * a procedure has another shape, tRPC's public call is used, and a warning says so once.
 */
import {
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  initTRPC,
  TRPCError,
  type AnyRouter,
} from '@trpc/server';

/** As much of a query as is looked at. */
export interface WireProcedure {
  readonly _def: {
    readonly type: 'query';
    readonly meta?: unknown;
    readonly middlewares?: unknown;
    readonly caller?: unknown;
  };
}

export interface ProcedureCall {
  readonly path: string;
  readonly procedure: WireProcedure;
  readonly ctx: object;
  readonly batchIndex: number;
  readonly getRawInput: () => Promise<unknown>;
  /** Asked for when a procedure does, since it costs more than most do. */
  readonly signal: () => AbortSignal;
}

/** Resolves to the procedure's data. @throws what the procedure throws */
export type RunProcedure = (call: ProcedureCall) => Promise<unknown>;

export interface RunOptions {
  readonly router: AnyRouter;
  readonly warn: (message: string) => void;
}

export async function createRunProcedure(
  options: RunOptions & { readonly procedures: readonly WireProcedure[] },
): Promise<RunProcedure> {
  const known = options.procedures.every(hasKnownShape) && (await agreesWithTrpc());
  if (known) return runChain;
  options.warn(
    'this version of @trpc/server runs middlewares in another way: cached answers over HTTP use ' +
      'its public call, which costs several times as much',
  );
  return publicCall(options.router);
}

export function publicCall(router: AnyRouter): RunProcedure {
  return (call) =>
    callTRPCProcedure({
      router,
      path: call.path,
      ctx: call.ctx,
      type: 'query',
      getRawInput: call.getRawInput,
      signal: call.signal(),
      batchIndex: call.batchIndex,
    });
}

type Middleware = (options: Step) => Promise<Result | undefined>;
type Result = { readonly ok: true; readonly data: unknown } | { ok: false; error: TRPCError };

function hasKnownShape({ _def }: WireProcedure): boolean {
  const { middlewares, caller } = _def;
  return (
    caller === undefined &&
    Array.isArray(middlewares) &&
    middlewares.length > 0 &&
    middlewares.every((middleware) => typeof middleware === 'function')
  );
}

type Next = (changed?: NextOptions) => Promise<Result | undefined>;

interface NextOptions {
  readonly ctx?: object;
  readonly input?: unknown;
  readonly getRawInput?: () => Promise<unknown>;
}

interface Given {
  readonly ctx: object;
  readonly input: unknown;
  readonly getRawInput: () => Promise<unknown>;
}

/**
 * What a middleware or a resolver is called with. Made without a closure of its own in the
 * constructor: with one, V8 promotes the garbage of every request to the old generation.
 */
class Step {
  readonly type = 'query';
  readonly ctx: object;
  readonly input: unknown;
  readonly getRawInput: () => Promise<unknown>;
  readonly path: string;
  readonly meta: unknown;
  readonly batchIndex: number;
  /** Taken apart by middlewares, so no method. */
  readonly next: Next;
  readonly #call: ProcedureCall;

  constructor(call: ProcedureCall, given: Given, next: Next) {
    this.ctx = given.ctx;
    this.input = given.input;
    this.getRawInput = given.getRawInput;
    this.path = call.path;
    this.meta = call.procedure._def.meta;
    this.batchIndex = call.batchIndex;
    this.next = next;
    this.#call = call;
  }

  get signal(): AbortSignal {
    return this.#call.signal();
  }
}

async function step(call: ProcedureCall, given: Given, index: number): Promise<Result | undefined> {
  const next: Next = (changed) =>
    step(
      call,
      {
        ctx: changed?.ctx ? { ...given.ctx, ...changed.ctx } : given.ctx,
        input: changed && 'input' in changed ? changed.input : given.input,
        getRawInput: changed?.getRawInput ?? given.getRawInput,
      },
      index + 1,
    );
  try {
    const middleware = (call.procedure._def.middlewares as Middleware[])[index]!;
    return await middleware(new Step(call, given, next));
  } catch (cause) {
    return { ok: false, error: getTRPCErrorFromUnknown(cause) };
  }
}

const runChain: RunProcedure = async (call) => {
  const { ctx, getRawInput } = call;
  const result = await step(call, { ctx, input: undefined, getRawInput }, 0);
  if (!result) {
    throw new TRPCError({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'No result from middlewares - did you forget to `return next()`?',
    });
  }
  if (!result.ok) throw result.error;
  return result.data;
};

/** Everything that a chain can do, done by both. */
async function agreesWithTrpc(): Promise<boolean> {
  const t = initTRPC.context<{ said: string[] }>().create();
  const base = t.procedure
    .meta({ probe: true })
    .use(async ({ ctx, next, path, type, meta, batchIndex, getRawInput }) => {
      ctx.said.push(JSON.stringify([path, type, meta, batchIndex, await getRawInput()]));
      const result = await next({ ctx: { added: 1 } });
      ctx.said.push(result.ok ? `data ${JSON.stringify(result.data)}` : result.error.code);
      if (!result.ok) result.error = new TRPCError({ code: 'CONFLICT', cause: result.error });
      return result;
    })
    .input((value: unknown) => {
      if (typeof value !== 'object') throw new Error('no object');
      return value as { a: number };
    })
    .use(({ next, ctx }) => next({ ctx: { more: ctx.added + 1 } }));
  const router = t.router({
    good: base.query(({ ctx, input }) => [Object.keys(ctx), ctx.added, ctx.more, input]),
    bad: base.query(() => {
      throw new TypeError('bad');
    }),
    changed: base
      .use(async ({ next }) => {
        const result = await next();
        return result.ok ? { ...result, data: 'changed' } : result;
      })
      .query(() => 'as it was'),
    empty: t.procedure.use((() => undefined) as never).query(() => 'never'),
  });
  const procedures = router._def.procedures as unknown as Record<string, WireProcedure>;
  if (!Object.values(procedures).every(hasKnownShape)) return false;
  for (const [path, procedure] of Object.entries(procedures)) {
    for (const input of [{ a: 1 }, 'no object']) {
      const [ours, theirs] = await Promise.all(
        [runChain, publicCall(router)].map((run) => outcomeOf(run, { path, procedure, input })),
      );
      if (ours !== theirs) return false;
    }
  }
  return true;
}

async function outcomeOf(
  run: RunProcedure,
  { path, procedure, input }: { path: string; procedure: WireProcedure; input: unknown },
): Promise<string> {
  const said: string[] = [];
  const { signal } = new AbortController();
  const call = { path, procedure, ctx: { said }, batchIndex: 3, signal: () => signal };
  try {
    const data = await run({ ...call, getRawInput: async () => input });
    return JSON.stringify([said, data]);
  } catch (error) {
    const { code, message, cause } = error as TRPCError;
    return JSON.stringify([said, code, message, cause?.message]);
  }
}

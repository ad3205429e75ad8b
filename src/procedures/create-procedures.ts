/**
 * Cached queries and mutations for any tRPC application. A *scope* says who shares an entry: it looks
 * at the request, throws for who may not read, and returns what the entry belongs to. That, and the
 * input, are all that tags and loaders see of a request, and both are in the key: one person's answer
 * cannot be given to another, because no loader can depend on who asks without being keyed by it.
 *
 *   const { cachedQuery, mutation } = createProcedures({
 *     procedure: t.procedure,
 *     cache: () => cache,
 *     write: () => write,
 *     scopes: { public: () => ({}), user: ({ ctx }) => ({ userId: requireUser(ctx) }) },
 *   });
 *
 * Order: the procedure's own middlewares, validation, the scope, the cache. Throws what they throw;
 * `TRPCError` NOT_FOUND where a loader found nothing. Knows no database and no HTTP.
 */
import type { TRPCMutationProcedure, TRPCProcedureBuilder, TRPCQueryProcedure } from '@trpc/server';
import type { z } from 'zod';
import type { Cache, CacheDefinition, CacheFreshness, LoadContext } from '../cache/index.ts';
import { rememberCached } from './cached-queries.ts';
import { markOf, type CacheMark } from './mark.ts';
import { parsedOnce } from './parsed-once.ts';
import { present } from './present.ts';

/** What an entry belongs to, such as `{ userId: '42' }`; `{}` for what all share. */
export type Part = Readonly<Record<string, string | number>>;

/** By name. A scope that needs something of the input says so in its parameter's type. */
export type Scopes<Ctx> = Readonly<
  Record<string, (request: { readonly ctx: Ctx; readonly input: never }) => Part | Promise<Part>>
>;

/** What resolvers of a base procedure get as `ctx`, with what its middlewares added. */
export type ContextOf<Procedure> =
  Procedure extends TRPCProcedureBuilder<
    infer Context,
    infer _Meta,
    infer Added,
    infer _InputIn,
    infer _InputOut,
    infer _OutputIn,
    infer _OutputOut,
    infer _Caller extends boolean
  >
    ? Omit<Context, keyof Added> & Added
    : never;

/** `never` in a scope that says nothing of the input: any will do. */
type InputOf<Scope> = Scope extends (request: infer Request) => unknown
  ? Request extends { readonly input: infer Input }
    ? [Input] extends [never]
      ? unknown
      : Input
    : unknown
  : never;

type PartOf<Scope> = Scope extends (...request: never[]) => infer Result ? Awaited<Result> : never;

/** Scopes that can be told from this input; the others are a compile error. */
type Fitting<TScopes, Input> = {
  [Name in keyof TScopes]: Input extends InputOf<TScopes[Name]> ? Name : never;
}[keyof TScopes];

export interface ProceduresOptions<Procedure, Resources, Write, TScopes> {
  /** What each procedure begins with: `t.procedure`, with middlewares for sign-in, limits, logs. */
  readonly procedure: Procedure;
  readonly cache: (ctx: ContextOf<Procedure>) => Cache<Resources>;
  /** What mutations write with; `write` of `openDrizzleCache` makes them invalidate. */
  readonly write: (ctx: ContextOf<Procedure>) => Write;
  readonly scopes: TScopes;
  /** Scopes whose entries count against the quota of what they belong to. Default: none. */
  readonly quotaOf?: readonly (keyof TScopes)[];
  /** Told of each answer that came through the cache, by its call's place in a batch. */
  readonly mark?: (ctx: ContextOf<Procedure>, batchIndex: number, mark: CacheMark) => void;
}

/** Exactly what the key is made of. */
export type ScopedArgs<Scope, Input> = { readonly input: Input } & PartOf<Scope>;

export interface CachedQueryOptions<
  Schema extends z.ZodType,
  Name extends keyof TScopes,
  Value,
  Resources,
  TScopes,
> {
  /** First part of the key, and the name in statistics: the procedure's path. Unique in a process. */
  readonly name: string;
  readonly scope: Name & Fitting<TScopes, z.output<Schema>>;
  readonly input: Schema;
  /** Milliseconds; defaults in `CacheFreshness`. */
  readonly freshness?: Partial<CacheFreshness>;
  /** What the result depends on, as far as the arguments tell; a loader may `depend` on more. */
  readonly tags: (args: ScopedArgs<TScopes[Name], z.output<Schema>>) => readonly string[];
  /** `undefined`: there is no such thing. That is cached too, briefly. */
  readonly load: (
    args: ScopedArgs<TScopes[Name], z.output<Schema>>,
    context: LoadContext & Resources,
  ) => Promise<Value | undefined>;
  /** When the value itself ends, whatever the TTL says. */
  readonly validUntil?: (value: Value) => Date | undefined;
}

export interface CallOptions<
  Schema extends z.ZodType,
  Name extends keyof TScopes,
  Out,
  Given,
  TScopes,
> {
  /** Who may call it: the scope's check runs before `run`. */
  readonly scope: Name & Fitting<TScopes, z.output<Schema>>;
  readonly input: Schema;
  readonly run: (call: ScopedArgs<TScopes[Name], z.output<Schema>> & Given) => Promise<Out>;
}

interface Types<Schema extends z.ZodType, Out> {
  input: z.input<Schema>;
  output: Out;
  meta: unknown;
}

/** As much of tRPC's builder as is used; its own types cannot be followed through a generic base. */
interface Builder {
  input(schema: z.ZodType): Builder;
  query(resolve: Resolve): unknown;
  mutation(resolve: Resolve): unknown;
}

type Resolve = (call: { ctx: never; input: unknown; batchIndex?: number }) => Promise<unknown>;

export function createProcedures<
  Procedure,
  Resources,
  Write,
  TScopes extends Scopes<ContextOf<Procedure>>,
>(options: ProceduresOptions<Procedure, Resources, Write, TScopes>) {
  type Ctx = ContextOf<Procedure>;
  const base = options.procedure as unknown as Builder;
  const scopes = options.scopes as unknown as Record<
    PropertyKey,
    (request: { ctx: Ctx; input: unknown }) => Part | Promise<Part>
  >;

  async function argsOf(name: PropertyKey, request: { ctx: Ctx; input: unknown }) {
    return { ...(await scopes[name]!(request)), input: request.input };
  }

  /** A read whose answer is kept until a row that it depends on changes. */
  function cachedQuery<Schema extends z.ZodType, Name extends keyof TScopes, Value>(
    query: CachedQueryOptions<Schema, Name, Value, Resources, TScopes>,
  ): TRPCQueryProcedure<Types<Schema, Value>> {
    const scopeOf = ({ input: _input, ...part }: { input: unknown }) =>
      [query.scope, ...Object.values(part)].join(':');
    const counted = options.quotaOf?.includes(query.scope) ?? false;
    const definition: CacheDefinition<{ input: unknown }, Value, Resources> = {
      name: query.name,
      scope: scopeOf,
      owner: (args) => (counted ? scopeOf(args) : undefined),
      tags: (args) => query.tags(args as never),
      load: (args, context) => query.load(args as never, context),
      ...(query.freshness ? { freshness: query.freshness } : {}),
      ...(query.validUntil ? { validUntil: query.validUntil } : {}),
    };
    const { schema } = parsedOnce(query.input);
    const procedure = base.input(schema).query(async ({ ctx, input, batchIndex }) => {
      const args = await argsOf(query.scope, { ctx, input });
      const read = await options.cache(ctx).read(definition, args);
      if (read.outcome !== 'bypass') options.mark?.(ctx, batchIndex ?? 0, markOf(read));
      return present(read.value);
    });
    return rememberCached(procedure as TRPCQueryProcedure<Types<Schema, Value>>);
  }

  /** It names no tags: what it invalidates comes from the rows that it writes. */
  function mutation<Schema extends z.ZodType, Name extends keyof TScopes, Out>(
    call: CallOptions<Schema, Name, Out, { readonly ctx: Ctx; readonly write: Write }, TScopes>,
  ): TRPCMutationProcedure<Types<Schema, Out>> {
    return base.input(call.input).mutation(async ({ ctx, input }) => {
      const args = await argsOf(call.scope, { ctx, input });
      return call.run({ ...args, ctx, write: options.write(ctx) } as never);
    }) as TRPCMutationProcedure<Types<Schema, Out>>;
  }

  return { cachedQuery, mutation };
}

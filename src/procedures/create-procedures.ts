/**
 * Cached queries and mutations for any tRPC application. A *scope* says who shares an entry: it looks
 * at the request, throws for who may not read, and returns what the entry belongs to. That, and the
 * input, are all that tags and loaders see of a request, and both are in the key: one person's answer
 * cannot be given to another, because no loader can depend on who asks without being keyed by it.
 *
 *   const { cachedQuery, cachedAction, mutation } = createProcedures({
 *     procedure: t.procedure,
 *     cache: () => cache,
 *     write: () => write,
 *     scopes: { public: () => ({}), user: ({ ctx }) => ({ userId: requireUser(ctx) }) },
 *   });
 *
 * Order: the procedure's own middlewares, validation, the scope, the cache. Throws what they throw;
 * `TRPCError` NOT_FOUND where a loader found nothing. Knows no database and no HTTP.
 */
import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import type { z } from 'zod';
import type { CacheDefinition, CacheFreshness, LoadContext } from '../cache/index.ts';
import { rememberCached } from './cached-queries.ts';
import { markOf } from './mark.ts';
import type {
  CachedActionOptions,
  CachedQueryOptions,
  CallOptions,
  ContextOf,
  Part,
  ProceduresOptions,
  Scopes,
} from './options.ts';
import { parsedOnce } from './parsed-once.ts';
import { present } from './present.ts';
import { reuseOf } from './reuse.ts';

/** What a cached query and a cached action have alike, as the cache sees it. */
interface DefinitionParts<Value, Resources> {
  readonly name: string;
  readonly scope: PropertyKey;
  readonly freshness?: Partial<CacheFreshness>;
  readonly tags: (args: never) => readonly string[];
  readonly load: (args: never, context: LoadContext & Resources) => Promise<Value | undefined>;
  readonly validUntil?: (value: Value) => Date | undefined;
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

  type Given = { readonly ctx: Ctx; readonly write: Write };

  async function argsOf(name: PropertyKey, request: { ctx: Ctx; input: unknown }) {
    return { ...(await scopes[name]!(request)), input: request.input };
  }

  function definitionOf<Value>(
    parts: DefinitionParts<Value, Resources>,
  ): CacheDefinition<{ input: unknown }, Value, Resources> {
    const { name, scope, freshness, validUntil } = parts;
    const scopeOf = ({ input: _input, ...part }: { input: unknown }) =>
      [scope, ...Object.values(part)].join(':');
    const counted = options.quotaOf?.includes(scope as keyof TScopes) ?? false;
    return {
      name,
      scope: scopeOf,
      owner: (args) => (counted ? scopeOf(args) : undefined),
      tags: (args) => parts.tags(args as never),
      load: (args, context) => parts.load(args as never, context),
      ...(freshness ? { freshness } : {}),
      ...(validUntil ? { validUntil } : {}),
    };
  }

  /** A read whose answer is kept until a row that it depends on changes. */
  function cachedQuery<Schema extends z.ZodType, Name extends keyof TScopes, Value>(
    query: CachedQueryOptions<Schema, Name, Value, Resources, TScopes>,
  ): TRPCQueryProcedure<Types<Schema, Value>> {
    const definition = definitionOf<Value>(query);
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
    call: CallOptions<Schema, Name, Out, Given, TScopes>,
  ): TRPCMutationProcedure<Types<Schema, Out>> {
    return base.input(call.input).mutation(async ({ ctx, input }) => {
      const args = await argsOf(call.scope, { ctx, input });
      return call.run({ ...args, ctx, write: options.write(ctx) } as never);
    }) as TRPCMutationProcedure<Types<Schema, Out>>;
  }

  /**
   * A mutation over something costly: it acts each time, so that clients never retry it by themselves,
   * but its costly step is answered from the cache where it may be.
   */
  function cachedAction<Schema extends z.ZodType, Name extends keyof TScopes, Basis, Value, Out>(
    action: CachedActionOptions<Schema, Name, Basis, Value, Out, Resources, Given, TScopes>,
  ): TRPCMutationProcedure<Types<Schema, Out>> {
    const definition = definitionOf<Value>(action);
    return base.input(action.input).mutation(async ({ ctx, input }) => {
      const args = await argsOf(action.scope, { ctx, input });
      const call = { ...args, ctx, write: options.write(ctx) };
      const basis = await action.basis(call as never);
      const read = await options.cache(ctx).read(definition, { ...args, input: basis });
      return action.act({ ...call, value: present(read.value), reuse: reuseOf(read) } as never);
    }) as TRPCMutationProcedure<Types<Schema, Out>>;
  }

  return { cachedQuery, cachedAction, mutation };
}

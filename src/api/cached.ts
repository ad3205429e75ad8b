/**
 * Cached procedures. What a query depends on, for how long it is good and who may share it is
 * declared where it is defined; its loader gets nothing of the request but what is in the key.
 *
 * Key: SHA-256 of cache version, procedure, scope and canonical input. Scopes: `public` (everybody
 * signed in shares an entry), `user` (never shared), `project` (all members see alike). Access is
 * checked before the cache is consulted. A loader that returns undefined has found nothing: that is
 * cached briefly, and the caller gets NOT_FOUND.
 */
import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import type { z } from 'zod';
import type { CacheDefinition, CacheFreshness, LoadContext } from '../cache/index.ts';
import type { Write } from '../db/write.ts';
import {
  answerAtOnce,
  markOf,
  parsedOnce,
  present,
  reuseOf,
  type Reuse,
} from '../procedures/index.ts';
import { hasAccess, requireAccess, type AccessFor } from './access.ts';
import type { Context, Services } from './context.ts';
import { storable } from './input.ts';
import { signedInProcedure, toProcedureError, type ProcedureMeta } from './trpc.ts';
import { defineCache, type StudioResources } from './resources.ts';
import type { ProjectRole } from '../db/queries/members.ts';

export type ScopeName = 'public' | 'user' | 'project';

/** Exactly what the key is made of, and so all that a loader and its tags can see. */
export type ScopedArgs<Scope extends ScopeName, Input> = Scope extends 'user'
  ? { readonly input: Input; readonly userId: string }
  : { readonly input: Input };

/** An entry shared by a project's members can only be had through a role in that project. */
type ScopeAccess<Scope extends ScopeName, Input> = Scope extends 'project'
  ? Input extends { projectId: string }
    ? { readonly project: ProjectRole }
    : never
  : AccessFor<Input>;

interface CachedOptions<Schema extends z.ZodType, Scope extends ScopeName, Value> {
  /** The procedure's path. */
  readonly name: string;
  readonly scope: Scope;
  readonly access: ScopeAccess<Scope, z.output<Schema>>;
  readonly input: Schema;
  readonly freshness?: Partial<CacheFreshness>;
  /**
   * Lets a CDN keep answers for everybody, signed in or not, and outside of the promise: they are
   * as old as `maxAgeMs` unless their surrogate keys (the tags) are purged. Default: it may not.
   */
  readonly cdn?: Scope extends 'public' ? { readonly maxAgeMs: number } : never;
  /** What the result depends on, as far as the input tells; a loader may `depend` on more. */
  readonly tags: (args: ScopedArgs<Scope, z.output<Schema>>) => readonly string[];
  readonly load: (
    args: ScopedArgs<Scope, z.output<Schema>>,
    context: LoadContext & StudioResources,
  ) => Promise<Value | undefined>;
  /** When the value itself ends, whatever the TTL says. */
  readonly validUntil?: (value: Value) => Date | undefined;
}

export type CachedQuery<Schema extends z.ZodType, Value> = TRPCQueryProcedure<{
  input: z.input<Schema>;
  output: Value;
  meta: ProcedureMeta;
}>;

/** Of `signedInProcedure`, the input, the resolver. */
const MIDDLEWARES = 3;

/** Every read: a query whose answer is kept until a row that it depends on changes. */
export function cachedQuery<Schema extends z.ZodType, Scope extends ScopeName, Value>(
  options: CachedOptions<Schema, Scope, Value>,
): CachedQuery<Schema, Value> {
  const definition = definitionOf(options);
  const { schema, known } = parsedOnce(storable(options.input));
  const { access, cdn } = options;
  const bucket = 'reads';
  const procedure = signedInProcedure(bucket)
    .meta({ kind: 'cached' })
    .input(schema)
    .query(async ({ ctx, input, batchIndex }) => {
      await requireAccess({ access, ctx, session: ctx.session, input });
      const args = scopedArgs(options.scope, input, ctx.session.user.id);
      const read = await ctx.services.cache.read(definition, args as never);
      if (read.outcome !== 'bypass') ctx.mark(batchIndex ?? 0, markOf(read, cdn?.maxAgeMs));
      return present(read.value);
    });
  // The same checks, asked instead of run.
  answerAtOnce<Context>(procedure, {
    middlewares: MIDDLEWARES,
    bucket,
    admit(ctx, given, reads) {
      const { session } = ctx;
      const parsed = known(given);
      if (!session || !parsed) return undefined;
      const input = parsed.value;
      if (!hasAccess({ access, ctx, session, input }, reads)) return undefined;
      return scopedArgs(options.scope, input, session.user.id);
    },
    peek(ctx, args) {
      const read = ctx.services.cache.peek(definition, args as never);
      return read?.absent ? undefined : read;
    },
    markOf: (read) => markOf(read, cdn?.maxAgeMs),
    async read(ctx, args) {
      try {
        const read = await ctx.services.cache.read(definition, args as never);
        if (read.absent) present(undefined);
        return markOf(read, cdn?.maxAgeMs);
      } catch (cause) {
        throw toProcedureError(cause);
      }
    },
  });
  definitions.set(procedure, (ctx, input, userId) =>
    ctx.services.cache.get(definition, scopedArgs(options.scope, input, userId) as never),
  );
  return procedure as unknown as CachedQuery<Schema, Value>;
}

interface ActionOptions<
  Schema extends z.ZodType,
  Scope extends ScopeName,
  Basis,
  Value,
  Out,
> extends Omit<CachedOptions<Schema, Scope, Value>, 'tags' | 'load'> {
  /** What the costly step depends on; it is all that goes into its key beside the scope. */
  readonly basis: (
    args: ScopedArgs<Scope, z.output<Schema>>,
    context: Pick<StudioResources, 'db' | 'brain'>,
  ) => Promise<Basis>;
  /** Of scope `user` alone: whose entries these are, by id. Default: the caller's. */
  readonly sharedWithin?: (basis: NoInfer<Basis>) => string;
  readonly tags: (args: ScopedArgs<Scope, Basis>) => readonly string[];
  /** The costly step: cached. */
  readonly load: (
    args: ScopedArgs<Scope, Basis>,
    context: LoadContext & StudioResources,
  ) => Promise<Value | undefined>;
  /** What is done each time, with a fresh or a reused value. */
  readonly act: (
    action: ScopedArgs<Scope, z.output<Schema>> & {
      readonly value: Value;
      readonly reuse: Reuse;
      readonly write: Write;
      /** Not cached: what it finds is of this moment. */
      readonly db: Services['db'];
      readonly rewrite: Services['rewrite'];
    },
  ) => Promise<Out>;
}

/**
 * A mutation over a cached service: it acts (and writes) each time, so that clients never retry it
 * by themselves, but its costly step is answered from the cache where it may be.
 */
export function cachedAction<Schema extends z.ZodType, Scope extends ScopeName, Basis, Value, Out>(
  options: ActionOptions<Schema, Scope, Basis, Value, Out>,
): TRPCMutationProcedure<{ input: z.input<Schema>; output: Out; meta: ProcedureMeta }> {
  const definition = definitionOf<Basis, Scope, Value>(options);
  const procedure = signedInProcedure('calls')
    .meta({ kind: 'mutation' })
    .input(storable(options.input))
    .mutation(async ({ ctx, input }) => {
      await requireAccess({ access: options.access, ctx, session: ctx.session, input });
      const { cache, db, brain, rewrite, write } = ctx.services;
      const args = scopedArgs(options.scope, input, ctx.session.user.id);
      const basis = await options.basis(args as never, { db, brain });
      const scoped = {
        ...args,
        input: basis,
        ...(options.sharedWithin ? { userId: options.sharedWithin(basis) } : {}),
        ...(options.scope === 'project' ? { projectId: projectOf(input) } : {}),
      };
      const read = await cache.read(definition, scoped as never);
      const value = present(read.value);
      const reuse = reuseOf(read);
      return options.act({ ...args, value, reuse, write, db, rewrite } as never);
    });
  return procedure as unknown as ReturnType<typeof cachedAction<Schema, Scope, Basis, Value, Out>>;
}

type ReadDirectly = (ctx: Context, input: unknown, userId: string) => Promise<unknown>;

const definitions = new WeakMap<object, ReadDirectly>();

/** Another cached query's value, through its cache; the caller has checked access already. */
export function readCached<Schema extends z.ZodType, Value>(
  query: CachedQuery<Schema, Value>,
  request: { ctx: Context; input: z.input<Schema>; userId: string },
): Promise<Value> {
  const read = definitions.get(query);
  if (!read) throw new TypeError('not a cached query');
  return read(request.ctx, request.input, request.userId).then((value) => present(value as Value));
}

interface DefinitionParts<Input, Scope extends ScopeName, Value> {
  readonly name: string;
  readonly scope: Scope;
  readonly freshness?: Partial<CacheFreshness>;
  readonly tags: (args: ScopedArgs<Scope, Input>) => readonly string[];
  readonly load: (
    args: ScopedArgs<Scope, Input>,
    context: LoadContext & StudioResources,
  ) => Promise<Value | undefined>;
  readonly validUntil?: (value: Value) => Date | undefined;
}

type AnyArgs = { input: unknown; userId?: string; projectId?: string | undefined };

function definitionOf<Input, Scope extends ScopeName, Value>(
  options: DefinitionParts<Input, Scope, Value>,
): CacheDefinition<ScopedArgs<Scope, Input>, Value, StudioResources> {
  const scope = (args: AnyArgs) =>
    ({
      public: 'public',
      user: `user:${args.userId ?? ''}`,
      project: `project:${args.projectId ?? projectOf(args.input) ?? ''}`,
    })[options.scope];
  return defineCache({
    name: options.name,
    scope: (args) => scope(args),
    owner: (args) => (options.scope === 'user' ? scope(args) : undefined),
    tags: options.tags,
    load: options.load,
    ...(options.freshness ? { freshness: options.freshness } : {}),
    ...(options.validUntil ? { validUntil: options.validUntil } : {}),
  });
}

function scopedArgs(scope: ScopeName, input: unknown, userId: string): AnyArgs {
  return scope === 'user' ? { input, userId } : { input };
}

function projectOf(input: unknown): string | undefined {
  return (input as { projectId?: string } | undefined)?.projectId;
}

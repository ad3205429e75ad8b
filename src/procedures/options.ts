/** What an application says of its procedures, and the types that hold it to what it said. */
import type { TRPCProcedureBuilder } from '@trpc/server';
import type { z } from 'zod';
import type { Cache, CacheFreshness, LoadContext } from '../cache/index.ts';
import type { CacheMark } from './mark.ts';
import type { Reuse } from './reuse.ts';

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
export type Fitting<TScopes, Input> = {
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

export interface CachedActionOptions<
  Schema extends z.ZodType,
  Name extends keyof TScopes,
  Basis,
  Value,
  Out,
  Resources,
  Given,
  TScopes,
> extends Omit<CachedQueryOptions<Schema, Name, Value, Resources, TScopes>, 'tags' | 'load'> {
  /** What the costly step depends on: beside the scope, all that it sees and all that its key has. */
  readonly basis: (
    call: ScopedArgs<TScopes[Name], z.output<Schema>> & Given,
  ) => Basis | Promise<Basis>;
  readonly tags: (args: ScopedArgs<TScopes[Name], NoInfer<Basis>>) => readonly string[];
  /** The costly step: cached. */
  readonly load: (
    args: ScopedArgs<TScopes[Name], NoInfer<Basis>>,
    context: LoadContext & Resources,
  ) => Promise<Value | undefined>;
  /** What is done each time, with a fresh or a reused value. */
  readonly act: (
    call: ScopedArgs<TScopes[Name], z.output<Schema>> &
      Given & { readonly value: NoInfer<Value>; readonly reuse: Reuse },
  ) => Promise<Out>;
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

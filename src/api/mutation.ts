/**
 * Procedures that are not cached reads: mutations, which get `write`, and queries that say why
 * nothing is kept. Which tags a mutation invalidates is never said here: the rows tell.
 */
import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import type { z } from 'zod';
import type { ProjectRole } from '../db/queries/members.ts';
import { requireAccess, type AccessFor } from './access.ts';
import type { Context, Services, Session } from './context.ts';
import { storable } from './input.ts';
import { signedInProcedure, type ProcedureMeta } from './trpc.ts';

export interface Call<Input> extends Services {
  readonly input: Input;
  readonly session: Session;
  readonly userId: string;
  /** In the project of the input; undefined where no role was asked for. */
  readonly role: ProjectRole | undefined;
  readonly ctx: Context;
}

interface CallOptions<Schema extends z.ZodType, Out> {
  readonly access: AccessFor<z.output<Schema>>;
  readonly input: Schema;
  readonly run: (call: Call<z.output<Schema>>) => Promise<Out>;
}

export interface ProcedureTypes<Schema extends z.ZodType, Out> {
  input: z.input<Schema>;
  output: Out;
  meta: ProcedureMeta;
}

export function mutation<Schema extends z.ZodType, Out>(
  options: CallOptions<Schema, Out>,
): TRPCMutationProcedure<ProcedureTypes<Schema, Out>> {
  const procedure = signedInProcedure('calls')
    .meta({ kind: 'mutation' })
    .input(storable(options.input))
    .mutation(({ ctx, input }) => call(options, ctx, input));
  return procedure as unknown as TRPCMutationProcedure<ProcedureTypes<Schema, Out>>;
}

/** @param why  one clause: why this query's answer is kept nowhere */
export function uncachedQuery<Schema extends z.ZodType, Out>(
  why: string,
  options: CallOptions<Schema, Out>,
): TRPCQueryProcedure<ProcedureTypes<Schema, Out>> {
  const procedure = signedInProcedure('reads')
    .meta({ kind: 'uncached', why })
    .input(storable(options.input))
    .query(({ ctx, input }) => call(options, ctx, input));
  return procedure as unknown as TRPCQueryProcedure<ProcedureTypes<Schema, Out>>;
}

async function call<Schema extends z.ZodType, Out>(
  options: CallOptions<Schema, Out>,
  ctx: Context & { session: Session },
  input: unknown,
): Promise<Out> {
  const { session, services } = ctx;
  const role = await requireAccess({ access: options.access, ctx, session, input });
  return options.run({
    ...services,
    ctx,
    role,
    session,
    userId: session.user.id,
    input: input as z.output<Schema>,
  });
}

/**
 * The one tRPC instance. It gives out what routers are made of, never the instance itself: a
 * procedure that is neither cached, nor a mutation, nor says why it is uncached can't be written.
 */
import { getTRPCErrorFromUnknown, initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { SECOND } from '../config/duration.ts';
import type { Context, RateBucket, Session } from './context.ts';
import { formatError, toApiError } from './errors.ts';

/** What a procedure is, for the test that walks the router. */
export interface ProcedureMeta {
  readonly kind: 'cached' | 'mutation' | 'uncached';
  /** Of an uncached query: why. */
  readonly why?: string;
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    transformer: superjson,
    errorFormatter: formatError,
    sse: { ping: { enabled: true, intervalMs: 15 * SECOND } },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Every procedure begins with this: counted against its limit, and for signed-in callers only. */
export function signedInProcedure(bucket: RateBucket) {
  return t.procedure.use(async ({ ctx, next }) => {
    await ctx.limiter.take(bucket);
    const { session } = ctx;
    if (!session) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first' });
    const result = await next({ ctx: { session } });
    if (!result.ok) result.error = withApiCause(result.error);
    return result;
  });
}

/** tRPC wraps what a resolver throws; the cache's own errors get their proper code. */
function withApiCause(error: TRPCError): TRPCError {
  const mapped = toApiError(error.cause);
  return mapped instanceof TRPCError ? mapped : error;
}

/** What a caller gets of what a resolver throws. */
export function toProcedureError(cause: unknown): TRPCError {
  return withApiCause(getTRPCErrorFromUnknown(cause));
}

export function requireAdmin(session: Session): void {
  if (session.user.role !== 'admin') {
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Only an admin may do this' });
  }
}

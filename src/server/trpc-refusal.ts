/**
 * Requests to tRPC that fail before a procedure is reached (too large, of another type, from
 * another site): answered by tRPC all the same, so that they have its shape and its formatter.
 */
import { TRPCError, type AnyRouter } from '@trpc/server';
import { resolveResponse } from '@trpc/server/http';
import type { FastifyRequest } from 'fastify';

const CODE_BY_STATUS: Record<number, TRPCError['code']> = {
  400: 'BAD_REQUEST',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

const MESSAGES: Partial<Record<TRPCError['code'], string>> = {
  BAD_REQUEST: 'The request cannot be read',
  PAYLOAD_TOO_LARGE: 'The request is too large: at most 1 MB',
  UNSUPPORTED_MEDIA_TYPE: 'The body must be JSON: send content-type: application/json',
};

export interface RefusalOptions {
  router: AnyRouter;
  onError: (error: TRPCError, where: { path: string | undefined; requestId: string }) => void;
}

export async function refusalOf(
  error: unknown,
  request: FastifyRequest,
  { router, onError }: RefusalOptions,
): Promise<Response> {
  const trpcError = asTrpcError(error);
  const { path = '' } = request.params as { path?: string };
  if (trpcError.code === 'INTERNAL_SERVER_ERROR') {
    onError(trpcError, { path, requestId: request.id });
  }
  return resolveResponse({
    router,
    // Without the body: it is what could not be read.
    req: new Request(new URL(request.url, 'http://localhost'), {
      method: request.method,
      headers: { 'content-type': 'application/json' },
    }),
    path,
    error: trpcError,
    createContext: async () => ({}),
  });
}

/** Errors of the server itself by their status; others are our own fault. */
export function asTrpcError(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error;
  const { statusCode } = error as { statusCode?: number };
  const code = CODE_BY_STATUS[statusCode ?? 500] ?? 'INTERNAL_SERVER_ERROR';
  return new TRPCError({ code, message: MESSAGES[code] ?? 'Something went wrong', cause: error });
}

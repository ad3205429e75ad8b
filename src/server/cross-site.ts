/**
 * Keeps other sites from using a signed-in browser. A request that may change something and comes
 * with the session cookie must come from a trusted origin; and a body must be JSON, which a browser
 * sends across sites only after asking (CORS). Programs send neither `Origin` nor `Sec-Fetch-Site`,
 * and a browser sends at least one of them with every such request.
 */
import { TRPCError } from '@trpc/server';
import type { FastifyRequest } from 'fastify';
import type { Origins } from './origins.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Throws a TRPCError: UNSUPPORTED_MEDIA_TYPE for a body that is no JSON. */
export function requireJson(request: FastifyRequest): void {
  if (SAFE_METHODS.has(request.method)) return;
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return;
  throw new TRPCError({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'The body must be JSON: send content-type: application/json',
  });
}

/** Throws a TRPCError: FORBIDDEN for a request that a page of another site had a browser make. */
export function refuseCrossSite(request: FastifyRequest, origins: Origins): void {
  if (SAFE_METHODS.has(request.method) || isSameSite(request, origins)) return;
  throw new TRPCError({ code: 'FORBIDDEN', message: 'This origin is not trusted' });
}

function isSameSite({ headers }: FastifyRequest, origins: Origins): boolean {
  if (headers.origin !== undefined) return origins.trusts(headers.origin);
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

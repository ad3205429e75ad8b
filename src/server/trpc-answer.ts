/**
 * What an answer of tRPC gets before it is sent: `RateLimit` headers, and, for cached results, the
 * `cache` field, `Cache-Status` and a validator. In two steps, because the validator depends on
 * the encoding: `completeAnswer` before compression, `validateAnswer` after it.
 *
 * Streamed batches and subscriptions pass through untouched.
 */
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CacheMark } from '../api/context.ts';
import { ageOf, cacheStatus, singleWithCacheField, withCacheFields } from './cache-answers.ts';
import { publicCachingOf } from './public-caching.ts';
import type { RequestLimiter } from './rate-limit.ts';
import { entityTag, matches, mergeVary } from './validators.ts';

/** What is known about the calls of a request, once tRPC has read it. */
export interface Calls {
  info?: TRPCRequestInfo;
  limiter?: RequestLimiter;
  /** By the call's place in its batch. */
  readonly marks: Map<number, CacheMark>;
  /** Of the plain body, for the validator. */
  tag?: string;
}

export async function completeAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { payload, calls }: { payload: unknown; calls: Calls },
): Promise<unknown> {
  void reply.headers(calls.limiter?.headers() ?? {});
  if (!(payload instanceof Response)) return payload;
  if (isStreamed(calls.info)) {
    // Compression would hold the pieces back.
    request.headers['x-no-compression'] = '1';
    return payload;
  }
  const { info, marks } = calls;
  const text = await payload.text();
  const vary = reply.getHeader('vary');
  void reply.code(payload.status).headers(Object.fromEntries(payload.headers));
  void reply.header('vary', mergeVary(payload.headers.get('vary'), vary));
  const mark = info && !info.isBatchCall && payload.ok ? marks.get(0) : undefined;
  if (!mark) {
    void reply.header('cache-control', 'no-store');
    return withCacheFields(text, marks, info?.isBatchCall ?? false);
  }
  const { body, tag } = singleWithCacheField(text, mark);
  const now = Date.now();
  const caching = publicCachingOf(mark);
  const own = caching ? 'Accept-Encoding' : 'Cookie, Authorization, Accept-Encoding';
  if (caching) void reply.header('surrogate-key', caching.surrogateKey);
  void reply
    .header('cache-control', caching?.cacheControl ?? 'private, no-cache')
    .header('cache-status', cacheStatus(mark, now))
    .header('age', String(ageOf(mark, now)))
    .header('vary', mergeVary(own, reply.getHeader('vary')));
  if (request.method === 'GET') calls.tag = tag;
  return body;
}

function isStreamed(info: TRPCRequestInfo | undefined): boolean {
  if (info?.type === 'subscription') return true;
  return info?.isBatchCall === true && info.accept === 'application/jsonl';
}

export function validateAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { payload, tag }: { payload: unknown; tag: string | undefined },
): unknown {
  // Compression writes the header without looking for what is there.
  void reply.header('vary', mergeVary(reply.getHeader('vary')));
  if (tag === undefined) return payload;
  const etag = entityTag(tag, reply.getHeader('content-encoding')?.toString());
  void reply.header('etag', etag);
  if (!matches(request.headers['if-none-match'], etag)) return payload;
  if (typeof payload === 'object' && payload && 'destroy' in payload) {
    (payload as { destroy: () => void }).destroy();
  }
  void reply.code(304);
  for (const name of ['content-type', 'content-length', 'content-encoding']) {
    void reply.removeHeader(name);
  }
  return null;
}

/**
 * Completes a `Response` of tRPC's fetch adapter as the studio's own server does: the `cache` field
 * beside `data`, and for a single cached call `Cache-Status` (RFC 9211), `Age`, a strong `ETag`, 304
 * for a matching `If-None-Match`, and `Cache-Control: private, no-cache`. Streams pass untouched.
 */
import type { CacheMark } from '../procedures/index.ts';
import {
  ageOf,
  cacheStatus,
  singleWithCacheField,
  withCacheFields,
} from '../server/cache-answers.ts';
import { entityTag, matches, mergeVary } from '../server/validators.ts';

/** For `mark` of `createProcedures`. */
export interface Marks {
  add(batchIndex: number, mark: CacheMark): void;
}

/** What the cached procedures of one request said. */
export interface CollectedMarks extends Marks {
  readonly marks: ReadonlyMap<number, CacheMark>;
}

export function collectMarks(): CollectedMarks {
  const marks = new Map<number, CacheMark>();
  return { marks, add: (batchIndex, mark) => void marks.set(batchIndex, mark) };
}

/** Whoever may see an answer is told by these. */
const VARY = 'Cookie, Authorization, Accept-Encoding';

export async function withCacheAnswer(
  request: Request,
  response: Response,
  { marks }: Pick<CollectedMarks, 'marks'>,
): Promise<Response> {
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  const isStream = request.headers.get('trpc-accept') === 'application/jsonl';
  if (!isJson || isStream || marks.size === 0) return response;

  const batch = new URL(request.url).searchParams.get('batch') === '1';
  const text = await response.text();
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.set('vary', mergeVary(VARY, headers.get('vary')));
  const mark = batch || !response.ok ? undefined : marks.get(0);
  headers.set('cache-control', mark ? 'private, no-cache' : 'no-store');
  if (!mark) {
    return new Response(withCacheFields(text, marks, batch), { status: response.status, headers });
  }
  const now = Date.now();
  headers.set('cache-status', cacheStatus(mark, now));
  headers.set('age', String(ageOf(mark, now)));
  const { body, tag } = singleWithCacheField(text, mark);
  if (request.method === 'GET') {
    const etag = entityTag(tag, undefined);
    headers.set('etag', etag);
    if (matches(request.headers.get('if-none-match') ?? undefined, etag)) {
      headers.delete('content-type');
      return new Response(null, { status: 304, headers });
    }
  }
  return new Response(body, { status: response.status, headers });
}

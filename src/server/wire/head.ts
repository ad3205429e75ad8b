/**
 * Headers of answers as text, nearly all of it prebuilt: the same headers that fastify and its
 * plugins send. What comes from a request has been checked before (a sane request id, a trusted
 * origin), so that no value holds a line break.
 */
import type { CacheMark } from '../../procedures/index.ts';
import { ageOf, cacheStatus, ttlOf } from '../cache-answers.ts';
import { publicCachingOf, type PublicCaching } from '../public-caching.ts';
import { mergeVary } from '../validators.ts';
import type { Encoded, Encoding } from './encoded.ts';

/** What differs between two answers. */
export interface HeadParts {
  /** Undefined: the answer has none. */
  readonly requestId: string | undefined;
  /** Trusted. */
  readonly origin: string | undefined;
  /** Of the limiter. */
  readonly limits: Readonly<Record<string, string>>;
  /** Of a single cached answer, with its validator; every other must not be stored. */
  readonly cached: { readonly mark: CacheMark; readonly etag: string } | undefined;
  readonly encoded: Encoded;
  readonly encoding: Encoding | undefined;
  /** Of the body; undefined for an answer without one. */
  readonly bytes: number | undefined;
}

export interface HeadOptions {
  /** Names and values that every answer has (security headers). */
  readonly common: readonly (readonly [string, string])[];
  /** Names that pages of other origins may read. */
  readonly exposed: readonly string[];
}

const TRPC_VARY = 'trpc-accept, accept, Origin';
const CACHED_VARY = mergeVary('Cookie, Authorization, Accept-Encoding', TRPC_VARY);
const PUBLIC_VARY = mergeVary('Accept-Encoding', TRPC_VARY);
const COMPRESSED_VARY = mergeVary(TRPC_VARY, 'accept-encoding');

/** Lines of `name: value`, each with its end. */
export function createHead(options: HeadOptions): (parts: HeadParts) => string {
  const common = linesOf([...options.common]);
  const cached = linesOf([
    ['vary', CACHED_VARY],
    ['cache-control', 'private, no-cache'],
  ]);
  const uncached = (vary: string) =>
    linesOf([
      ['vary', vary],
      ['cache-control', 'no-store'],
    ]);
  const plain = uncached(TRPC_VARY);
  const compressed = uncached(COMPRESSED_VARY);
  const crossOrigin = linesOf([
    ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', options.exposed.join(', ')],
  ]);

  function cachedLines(mark: CacheMark, now: number, { etag, bytes, encoding }: Entity): string {
    const caching = publicCachingOf(mark);
    let lines = caching ? publicLines(caching) : cached;
    lines += `cache-status: ${cacheStatus(mark, now)}\r\nage: ${ageOf(mark, now)}\r\netag: ${etag}\r\n`;
    return bytes === undefined ? lines : lines + bodyLines(bytes, encoding);
  }

  /** As told to the one before, if that was in the same second and of the same bytes. */
  function tell(encoded: Encoded, mark: CacheMark, entity: Entity): string {
    const { etag, bytes } = entity;
    const { outcome, tier, publicForMs } = mark;
    const now = Date.now();
    const ttl = ttlOf(mark, now);
    const age = ageOf(mark, now);
    const { told } = encoded;
    if (
      told?.etag === etag &&
      told.ttl === ttl &&
      told.age === age &&
      told.bytes === bytes &&
      told.outcome === outcome &&
      told.tier === tier &&
      told.publicForMs === publicForMs
    ) {
      return told.lines;
    }
    const lines = cachedLines(mark, now, entity);
    encoded.told = { outcome, tier, publicForMs, ttl, age, etag, bytes, lines };
    return lines;
  }

  return ({ requestId, origin, limits, cached: single, encoded, encoding, bytes }) => {
    let head = requestId === undefined ? common : `${common}x-request-id: ${requestId}\r\n`;
    if (origin !== undefined) head += `access-control-allow-origin: ${origin}\r\n${crossOrigin}`;
    for (const name in limits) head += `${name}: ${limits[name]}\r\n`;
    if (single) return head + tell(encoded, single.mark, { etag: single.etag, bytes, encoding });
    head += encoding ? compressed : plain;
    return bytes === undefined ? head : head + bodyLines(bytes, encoding);
  };
}

/** The bytes that are sent, or would be. */
interface Entity {
  readonly etag: string;
  readonly bytes: number | undefined;
  readonly encoding: Encoding | undefined;
}

function bodyLines(bytes: number, encoding: Encoding | undefined): string {
  const coding = encoding ? `content-encoding: ${encoding}\r\n` : '';
  return `${coding}content-type: application/json\r\ncontent-length: ${bytes}\r\n`;
}

function publicLines({ cacheControl, surrogateKey }: PublicCaching): string {
  return linesOf([
    ['vary', PUBLIC_VARY],
    ['cache-control', cacheControl],
    ['surrogate-key', surrogateKey],
  ]);
}

function linesOf(headers: readonly (readonly [string, string])[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

/**
 * An answer as bytes, exactly those that tRPC and trpc-answer.ts make of it. Of a cached value they
 * are made once, at the first answer over HTTP, and kept beside its entry: the plain bytes with
 * their validator, and each encoding when it is first asked for. All of it counts in the bound of
 * the in-process store, and ends with the entry.
 */
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from 'node:zlib';
import { transformTRPCResponse, type AnyRouter } from '@trpc/server';
import type { CacheMark } from '../../api/context.ts';
import { withCacheFields } from '../cache-answers.ts';
import { entityTag, plainTag } from '../validators.ts';

/** In the order of preference; as the compression of other answers. */
export const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Below it, compression saves less than a packet. */
const COMPRESS_FROM_BYTES = 1_024;
/** Above it, the thread pool: a megabyte takes 10 ms, which would hold up every other request. */
const COMPRESS_APART_ABOVE_BYTES = 64 * 1_024;
/** What an object and its strings take beside the bytes, roughly. */
const ENCODED_BYTES = 1_000;

/** Above it, joining a body to its headers costs more than writing the two. */
const TEXT_BYTES_MAX = 8 * 1_024;

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const compressors = {
  br: {
    now: (plain: Buffer) => brotliCompressSync(plain, BROTLI),
    apart: (plain: Buffer) => promisify(brotliCompress)(plain, BROTLI),
  },
  gzip: { now: (plain: Buffer) => gzipSync(plain), apart: promisify(gzip) },
};

export interface Encoded {
  readonly plain: Buffer;
  /** A short one also as text of one character for each byte, which Node writes with the headers. */
  readonly text: string | undefined;
  /** Of the plain bytes; `etagOf` makes the validator of an encoding from it. */
  readonly tag: string;
  readonly etags: { [Name in Encoding | 'identity']?: string };
  /** The last headers that were written of it (head.ts): they change once a second. */
  told: Told | undefined;
  readonly compressed: { [Name in Encoding]?: Buffer };
  /** Counts so many bytes more where these are kept; false if they are not, or no longer. */
  readonly room: (bytes: number) => boolean;
}

/** Headers of a single cached answer, and what they were made of. */
export interface Told {
  readonly outcome: CacheMark['outcome'];
  readonly tier: CacheMark['tier'];
  readonly publicForMs: number | undefined;
  readonly ttl: number;
  readonly age: number;
  readonly etag: string;
  /** Of the body; undefined for an answer without one. */
  readonly bytes: number | undefined;
  readonly lines: string;
}

const NO_ROOM = (): boolean => false;

/** Of an answer that is given once. */
export function encodeOnce(plain: Buffer, tag = ''): Encoded {
  const text = plain.length <= TEXT_BYTES_MAX ? plain.toString('latin1') : undefined;
  return { plain, text, tag, etags: {}, told: undefined, compressed: {}, room: NO_ROOM };
}

export function etagOf({ tag, etags }: Encoded, encoding: Encoding | undefined): string {
  return (etags[encoding ?? 'identity'] ??= entityTag(tag, encoding));
}

/** @param data  what the procedure answered, which a middleware may have changed */
export function encodeResult(
  router: AnyRouter,
  data: unknown,
  mark: CacheMark | undefined,
): Encoded {
  // Otherwise not what was read from the cache: a middleware has answered something else.
  const beside = mark?.from?.value === data ? mark?.from?.beside : undefined;
  if (beside?.form !== undefined) return beside.form as Encoded;
  const text = JSON.stringify(transformTRPCResponse(router._def._config, { result: { data } }));
  if (!mark) return encodeOnce(Buffer.from(text));
  const body = withCacheFields(text, new Map([[0, mark]]), false);
  const once = encodeOnce(Buffer.from(body), plainTag(body));
  if (!beside) return once;
  const kept: Encoded = {
    ...once,
    room: (bytes) => beside.form === kept && beside.keep(kept, bytes),
  };
  beside.keep(kept, sizeOf(kept));
  return kept;
}

/** In memory, without what is compressed. */
export function sizeOf({ plain, text }: Encoded): number {
  return plain.length + (text?.length ?? 0) + ENCODED_BYTES;
}

/** Undefined: it is not worth it. A promise where it takes long. */
export function compressed(encoded: Encoded, encoding: Encoding): MaybeLater<Buffer | undefined> {
  if (encoded.plain.length < COMPRESS_FROM_BYTES) return undefined;
  const known = encoded.compressed[encoding];
  if (known) return known;
  const keep = (bytes: Buffer): Buffer => {
    if (!encoded.compressed[encoding] && encoded.room(bytes.length)) {
      encoded.compressed[encoding] = bytes;
    }
    return bytes;
  };
  const { now, apart } = compressors[encoding];
  // Who asks meanwhile compresses it too; that happens once in an entry's life.
  return encoded.plain.length > COMPRESS_APART_ABOVE_BYTES
    ? apart(encoded.plain).then(keep)
    : keep(now(encoded.plain));
}

type MaybeLater<T> = T | Promise<T>;

/**
 * An answer as bytes, exactly those that tRPC and trpc-answer.ts make of it. Of a cached value they
 * are made once, at the first answer over HTTP, and kept beside its entry: the plain bytes with
 * their validator, and each encoding when it is first asked for. All of it counts in the bound of
 * the in-process store, and ends with the entry. A value that came from the shared store as
 * superjson's text is not decoded for it: the text is what superjson would make of it again.
 */
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from 'node:zlib';
import { transformTRPCResponse, type AnyRouter } from '@trpc/server';
import { textOfValue, type StoredText } from '../../cache/index.ts';
import type { CacheMark } from '../../procedures/index.ts';
import { cacheField, singleAnswer, singleWithCacheField, tagOfAnswer } from '../cache-answers.ts';
import { entityTag } from '../validators.ts';

/** In the order of preference; as the compression of other answers. */
export const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Below it, compression saves less than a packet. */
const COMPRESS_FROM_BYTES = 1_024;
/** Above it, the thread pool: a megabyte takes 10 ms, which would hold up every other request. */
const COMPRESS_APART_ABOVE_BYTES = 64 * 1_024;
/** What an object and its strings take beside the bytes, roughly. */
const ENCODED_BYTES = 1_000;

const NO_ROOM: Grow = () => false;

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

/** An answer's bytes, and what was made of them. */
export class Encoded {
  readonly size: number;
  /** Of the plain bytes; `etagOf` makes the validator of an encoding from it. */
  readonly tag: string;
  readonly etags: { [Name in Encoding | 'identity']?: string } = {};
  readonly compressed: { [Name in Encoding]?: Buffer } = {};
  /** The last headers that were written of it (head.ts): they change once a second. */
  told: Told | undefined = undefined;
  /** Short ones as text of one character for each byte, which Node writes with the headers. */
  readonly #bytes: string | Buffer;
  readonly #grow: Grow;

  /** @param grow  counts so many bytes more where this is kept; false if it is not, or no longer */
  constructor(bytes: string | Buffer, tag = '', grow: Grow = NO_ROOM) {
    this.size = bytes.length;
    this.tag = tag;
    this.#grow = grow;
    this.#bytes = bytes.length > TEXT_BYTES_MAX ? bufferOf(bytes) : textOf(bytes);
  }

  /** To be sent. */
  get body(): string | Buffer {
    return this.#bytes;
  }

  get plain(): Buffer {
    return bufferOf(this.#bytes);
  }

  keep(encoding: Encoding, bytes: Buffer): void {
    if (!this.compressed[encoding] && this.#grow(this, bytes.length)) {
      this.compressed[encoding] = bytes;
    }
  }
}

type Grow = (encoded: Encoded, bytes: number) => boolean;

function bufferOf(bytes: string | Buffer): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}

function textOf(bytes: string | Buffer): string {
  return typeof bytes === 'string' ? bytes : bytes.toString('latin1');
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

export function etagOf({ tag, etags }: Encoded, encoding: Encoding | undefined): string {
  return (etags[encoding ?? 'identity'] ??= entityTag(tag, encoding));
}

export interface Encode {
  /** @param data  what the procedure answered, which a middleware may have changed */
  result(data: unknown, mark: CacheMark | undefined): Encoded;
  /** What was read from the cache, as it is. */
  read(mark: CacheMark): Encoded;
}

export function createEncode(router: AnyRouter): Encode {
  const config = router._def._config;
  const serialize = (data: unknown): string =>
    JSON.stringify(transformTRPCResponse(config, { result: { data } }));
  const passesOn = writesAsStored(serialize);

  function withMark(data: unknown, mark: CacheMark): Answered {
    const { body, tag } = singleWithCacheField(serialize(data), mark);
    return { bytes: Buffer.from(body), tag };
  }

  function read(mark: CacheMark): Encoded {
    const { from } = mark;
    const beside = from?.beside;
    if (beside?.form !== undefined) return beside.form as Encoded;
    const stored = passesOn ? from?.stored : undefined;
    const { bytes, tag } = stored ? passOn(stored, mark) : withMark(from?.value, mark);
    if (!beside) return new Encoded(bytes, tag);
    const grow: Grow = (made, more) => beside.form === made && beside.keep(made, more);
    const made = new Encoded(bytes, tag, grow);
    beside.keep(made, sizeOf(made));
    return made;
  }

  return {
    read,
    result(data, mark) {
      if (!mark) return new Encoded(Buffer.from(serialize(data)));
      if (mark.from?.value === data) return read(mark);
      // Not what was read from the cache: a middleware has answered something else.
      const { bytes, tag } = withMark(data, mark);
      return new Encoded(bytes, tag);
    },
  };
}

interface Answered {
  readonly bytes: string | Buffer;
  readonly tag: string;
}

function passOn({ text, digest }: StoredText, mark: CacheMark): Answered {
  const field = cacheField(mark);
  // One character for each byte, as the text has.
  const bytes = singleAnswer(text, textOf(Buffer.from(field)));
  return { bytes, tag: tagOfAnswer(digest, field) };
}

/** Whether an answer's data is, to the byte, what the shared store has of it. */
function writesAsStored(serialize: (data: unknown) => string): boolean {
  try {
    return serialize(PROBE) === `{"result":{"data":${textOfValue(PROBE)}}}`;
  } catch {
    return false;
  }
}

/** Of every kind that transformers treat in a way of their own. */
const PROBE = {
  date: new Date(0),
  absent: undefined,
  list: [null, undefined, 1n, NaN, -0, new Set([new Date(1)])],
  map: new Map([['a', { b: /c/g, d: new URL('https://example.com') }]]),
};

/** In memory, without what is compressed. */
export function sizeOf({ size }: Encoded): number {
  return size + ENCODED_BYTES;
}

/** Undefined: it is not worth it. A promise where it takes long. */
export function compressed(encoded: Encoded, encoding: Encoding): MaybeLater<Buffer | undefined> {
  if (encoded.size < COMPRESS_FROM_BYTES) return undefined;
  const known = encoded.compressed[encoding];
  if (known) return known;
  const keep = (bytes: Buffer): Buffer => {
    encoded.keep(encoding, bytes);
    return bytes;
  };
  const { now, apart } = compressors[encoding];
  // Who asks meanwhile compresses it too; that happens once in an entry's life.
  return encoded.size > COMPRESS_APART_ABOVE_BYTES
    ? apart(encoded.plain).then(keep)
    : keep(now(encoded.plain));
}

type MaybeLater<T> = T | Promise<T>;

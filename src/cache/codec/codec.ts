/**
 * Entries as bytes for a shared store: a versioned binary envelope. Integers are little-endian.
 *
 *     0  4  "GRE" and the version
 *     4 16  seal over the key and everything below (envelope-seal.ts): of a secret, or a checksum
 *    20  1  flags: 1 the body is zstd, 2 negative, 4 and 8 how it is sealed
 *    24 48  float64: storedAt, validUntil, staleUntil, graceUntil, refreshAt (may be Infinity), horizon
 *    72  4  length of the header text        76  4  length of the body once decompressed
 *    80     header text, JSON of [cache name, owner or null, tags, known xids, digest of the body's text
 *           or null]; then the body (value.ts)
 *
 * The key is part of the seal: an entry that is answered for another key (replies out of step, a
 * proxy that mixes up connections) is not accepted. `decodeHeader` does not touch the body, so
 * that an entry can be judged undecoded; and what a secret vouches for is decoded by who needs the
 * value, if anybody does. Whatever is not exactly this throws CodecError, and is a miss. No I/O.
 */
import { timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import {
  constants,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import type { Entry } from '../coherence/index.ts';
import { createSeals, SEAL_BYTES } from './envelope-seal.ts';
import { decodeValue, digestOfText, encodeValue, textOf, type StoredText } from './value.ts';

const MAGIC = Buffer.from([0x47, 0x52, 0x45, 3]).readUInt32LE(0);
const SEAL_AT = 4;
const FLAGS_AT = SEAL_AT + SEAL_BYTES;
const TIMES_AT = 24;
const HEADER_LENGTH_AT = 72;
const BODY_LENGTH_AT = 76;
const TEXT_AT = 80;

const FLAG = { zstd: 1, negative: 2 } as const;

/** Below it, decompressing costs a hit more than the bytes cost the network. */
const COMPRESS_ABOVE_BYTES = 8 * 1024;
/** Compression that saves less than an eighth is not worth undoing at each hit. */
const COMPRESSED_SHARE_MAX = 7 / 8;
/** Above it, the thread pool: a mebibyte takes some 5 ms, which would hold up every other request. */
const COMPRESS_APART_ABOVE_BYTES = 64 * 1024;
/** Three times the largest value that is kept (5 MiB on the heap): escapes make JSON longer. */
const BODY_BYTES_MAX = 16 * 2 ** 20;
/** Of the frame's window: what a forged one may make decompression allocate, as a power of two. */
const WINDOW_LOG_MAX = 24;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export type CodecErrorCode =
  /** Not an envelope of this version, or not one sealed with our secret. */
  | 'foreign'
  /** Damaged, truncated or stored under another key. */
  | 'corrupt'
  /** The value has no stored form, such as a property named `constructor`. */
  | 'unencodable'
  | 'too-large';

export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** All of an entry but its value. */
export type EntryHeader = Omit<Entry, 'value' | 'bytes'>;

export interface EntryOwner {
  /** Of the cache. */
  readonly name: string;
  readonly owner: string | undefined;
}

/** A header with what its value can be decoded from. */
export interface Encoded extends EntryOwner {
  readonly header: EntryHeader;
  /** As stored. */
  readonly body: Buffer;
  readonly compressed: boolean;
  /** Of the body once decompressed. */
  readonly bodyBytes: number;
  /** Of the body's text, where that is all it is and one of ours wrote it. */
  readonly digest: string | undefined;
}

/** A stored value, or its text: one of ours wrote it, so that it can be decoded. */
export type Stored = { readonly value: unknown } | StoredText;

export interface Codec {
  /** @throws CodecError 'unencodable' or 'too-large' */
  encode(key: string, header: EntryHeader & EntryOwner, value: unknown): Promise<Buffer>;
  /** Verifies the whole envelope. @throws CodecError 'foreign' or 'corrupt' */
  decodeHeader(key: string, bytes: Uint8Array): Encoded;
  /**
   * At once; a promise where decompressing takes long.
   * @throws CodecError 'corrupt', or rejects with it
   */
  decodeValue(encoded: Encoded): Stored | Promise<Stored>;
}

export interface CodecOptions {
  /** Shared by all processes. With it, who can write to the store still can't forge an entry. */
  readonly secret?: string | undefined;
  /** Largest body, decompressed. Default 16 MiB. */
  readonly bodyBytesMax?: number;
}

export function createCodec(options: CodecOptions = {}): Codec {
  const bodyBytesMax = options.bodyBytesMax ?? BODY_BYTES_MAX;
  const seals = createSeals(options.secret);

  return {
    async encode(key, header, value) {
      const body = bodyOf(value);
      if (body.length > bodyBytesMax) throw new CodecError('too-large', `${body.length} bytes`);
      const packed = body.length > COMPRESS_ABOVE_BYTES ? await pack(body) : undefined;
      const { name, owner, tags, provenance } = header;
      const digest = options.secret === undefined ? undefined : digestOfText(body);
      const text = JSON.stringify([name, owner, tags, provenance.known, digest]);
      const textBytes = Buffer.byteLength(text);
      const bytes = Buffer.alloc(TEXT_AT + textBytes + (packed ?? body).length);
      bytes.writeUInt32LE(MAGIC, 0);
      bytes[FLAGS_AT] =
        seals.flags | (packed ? FLAG.zstd : 0) | (header.negative ? FLAG.negative : 0);
      timesOf(header).forEach((time, index) => bytes.writeDoubleLE(time, TIMES_AT + index * 8));
      bytes.writeUInt32LE(textBytes, HEADER_LENGTH_AT);
      bytes.writeUInt32LE(body.length, BODY_LENGTH_AT);
      bytes.write(text, TEXT_AT, 'utf8');
      bytes.set(packed ?? body, TEXT_AT + textBytes);
      bytes.set(seals.seal(key, bytes.subarray(FLAGS_AT)), SEAL_AT);
      return bytes;
    },

    decodeHeader(key, given) {
      const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
      if (bytes.length < TEXT_AT || bytes.readUInt32LE(0) !== MAGIC) {
        throw new CodecError('foreign', 'not an entry of this version');
      }
      const flags = bytes[FLAGS_AT] ?? 0;
      const sealOf = seals.by(flags);
      if (!sealOf) throw new CodecError('foreign', 'not sealed as entries are here');
      const seal = sealOf(key, bytes.subarray(FLAGS_AT));
      if (!timingSafeEqual(seal, bytes.subarray(SEAL_AT, FLAGS_AT))) {
        throw new CodecError('corrupt', 'the seal does not fit');
      }
      const bodyBytes = bytes.readUInt32LE(BODY_LENGTH_AT);
      const textEnd = TEXT_AT + bytes.readUInt32LE(HEADER_LENGTH_AT);
      if (bodyBytes > bodyBytesMax || textEnd > bytes.length) {
        throw new CodecError('corrupt', 'lengths that cannot be');
      }
      const { header, name, owner, digest } = readHeader(bytes, textEnd);
      const body = bytes.subarray(textEnd);
      const isCompressed = (flags & FLAG.zstd) !== 0;
      return { header, name, owner, digest, body, compressed: isCompressed, bodyBytes };
    },

    decodeValue(encoded) {
      const read = (body: Buffer): Stored => {
        if (body.length !== encoded.bodyBytes) throw new RangeError('the body has another length');
        const { digest } = encoded;
        const text = digest === undefined ? undefined : textOf(body);
        return text === undefined ? { value: decodeValue(body) } : { text, digest: digest! };
      };
      if (!encoded.compressed) return readable(() => read(encoded.body));
      if (encoded.bodyBytes <= COMPRESS_APART_ABOVE_BYTES) {
        return readable(() => read(zstdDecompressSync(encoded.body, boundsOf(encoded))));
      }
      return decompress(encoded.body, boundsOf(encoded)).then(read).catch(unreadable);
    },
  };
}

function bodyOf(value: unknown): Buffer {
  try {
    return encodeValue(value);
  } catch (cause) {
    throw new CodecError('unencodable', 'the value has no stored form', { cause });
  }
}

async function pack(body: Buffer): Promise<Buffer | undefined> {
  const packed =
    body.length > COMPRESS_APART_ABOVE_BYTES ? await compress(body) : zstdCompressSync(body);
  return packed.length < body.length * COMPRESSED_SHARE_MAX ? packed : undefined;
}

function boundsOf({ bodyBytes }: Encoded) {
  return {
    // What was announced and no more, however much would come out.
    maxOutputLength: Math.max(1, bodyBytes),
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
  };
}

function unreadable(cause: unknown): never {
  throw new CodecError('corrupt', 'the value cannot be read', { cause });
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    return unreadable(cause);
  }
}

function timesOf(header: EntryHeader): number[] {
  const { storedAt, validUntil, staleUntil, graceUntil, refreshAt, provenance } = header;
  return [storedAt, validUntil, staleUntil, graceUntil, refreshAt, provenance.horizon];
}

function readHeader(
  bytes: Buffer,
  textEnd: number,
): Pick<Encoded, 'header' | 'name' | 'owner' | 'digest'> {
  const at = (index: number): number => bytes.readDoubleLE(TIMES_AT + index * 8);
  const storedAt = at(0);
  const validUntil = at(1);
  const staleUntil = at(2);
  const graceUntil = at(3);
  const refreshAt = at(4);
  const horizon = at(5);
  const isTime =
    isNumber(storedAt) &&
    isNumber(validUntil) &&
    isNumber(staleUntil) &&
    isNumber(graceUntil) &&
    isNumber(refreshAt);
  if (!isTime || !isXid(horizon)) {
    throw new CodecError('corrupt', 'times that cannot be');
  }
  const { name, owner, tags, known, digest } = parseText(bytes.toString('utf8', TEXT_AT, textEnd));
  const header = {
    tags,
    provenance: { horizon, known },
    storedAt,
    validUntil,
    staleUntil,
    graceUntil,
    refreshAt,
    negative: ((bytes[FLAGS_AT] ?? 0) & FLAG.negative) !== 0,
  };
  return { header, name, owner, digest };
}

function parseText(text: string) {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new CodecError('corrupt', 'the header is no JSON', { cause });
  }
  const [name, owner, tags, known, digest] = (Array.isArray(parsed) ? parsed : []) as unknown[];
  if (
    typeof name !== 'string' ||
    (owner !== null && typeof owner !== 'string') ||
    !Array.isArray(tags) ||
    !tags.every((tag): tag is string => typeof tag === 'string') ||
    !Array.isArray(known) ||
    !known.every(isXid) ||
    (digest !== null && typeof digest !== 'string')
  ) {
    throw new CodecError('corrupt', 'the header has another shape');
  }
  return { name, owner: owner ?? undefined, tags, known, digest: digest ?? undefined };
}

/** Infinity is one. */
function isNumber(value: number): boolean {
  return !Number.isNaN(value);
}

function isXid(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

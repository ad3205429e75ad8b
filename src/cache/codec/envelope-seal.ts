/**
 * Seals of envelopes: 16 bytes over a key and what is stored under it, which tell damage and, with a
 * secret, forgery. A flag of the envelope says how it was sealed.
 *
 * With a secret: HMAC (RFC 2104) over SHA-256 or SHA-512/256, cut. Some processors have instructions
 * for the first, others take two thirds of the time for the second, and of a hit in the shared store
 * the hash is a third: each process seals with what is faster on it and believes both.
 */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const SEAL_BYTES = 16;
/** Bits of an envelope's flags. */
const SECRET = 4;
const WIDE = 8;

/** What it returns is good until the next call. */
export type SealOf = (key: string, bytes: Uint8Array) => Buffer;

export interface Seals {
  /** Of what is sealed here. */
  readonly flags: number;
  readonly seal: SealOf;
  /** How envelopes with these flags are sealed; undefined: in none of the ways that are believed here. */
  by(flags: number): SealOf | undefined;
}

/** @param hashName  what to seal with. Default: the faster here */
export function createSeals(secret: string | undefined, hashName?: HashName): Seals {
  if (secret === undefined) {
    return { flags: 0, seal: checksum, by: (flags) => (flags & SECRET ? undefined : checksum) };
  }
  // Not the secret itself: it signs other things too.
  const purpose = hash('sha256', `cache entries:${secret}`, 'buffer');
  const narrow = createHmacSeal(purpose, NARROW);
  const wide = createHmacSeal(purpose, WIDER);
  const isWide = (hashName ?? (faster ??= fasterHash())) === WIDER.name;
  return {
    flags: SECRET | (isWide ? WIDE : 0),
    seal: isWide ? wide : narrow,
    by(flags) {
      if ((flags & SECRET) === 0) return undefined;
      return flags & WIDE ? wide : narrow;
    },
  };
}

const checksum: SealOf = (key, bytes) => {
  const seal = Buffer.alloc(SEAL_BYTES);
  seal.writeUInt32LE(crc32(bytes, crc32(key)), 0);
  return seal;
};

/** Both make 32 bytes. */
export type HashName = 'sha256' | 'sha512-256';

interface Hash {
  readonly name: HashName;
  readonly blockBytes: number;
}

const HASH_BYTES = 32;
const NARROW: Hash = { name: 'sha256', blockBytes: 64 };
const WIDER: Hash = { name: 'sha512-256', blockBytes: 128 };

/**
 * HMAC by its definition: `createHmac` makes the same in three times the time. Digests come as text and
 * go through memory that is there: for an ArrayBuffer each, the collector takes longer than the digest.
 */
function createHmacSeal(purpose: Buffer, { name, blockBytes }: Hash): SealOf {
  const padded = (pad: number): Buffer =>
    Buffer.from(Buffer.concat([purpose], blockBytes).map((byte) => byte ^ pad));
  const inner = padded(0x36);
  const outer = Buffer.concat([padded(0x5c)], blockBytes + HASH_BYTES);
  const seal = Buffer.alloc(SEAL_BYTES);
  return (key, bytes) => {
    const text = `${key.length}:${key}`;
    const start = blockBytes + Buffer.byteLength(text);
    const message = scratchOf(start + bytes.length);
    message.set(inner);
    message.write(text, blockBytes, 'utf8');
    message.set(bytes, start);
    const digest = hash(name, message.subarray(0, start + bytes.length), 'binary');
    outer.write(digest, blockBytes, 'latin1');
    seal.write(hash(name, outer, 'binary'), 'latin1');
    return seal;
  };
}

const scratch = Buffer.allocUnsafe(16 * 1_024);

function scratchOf(length: number): Buffer {
  return length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
}

let faster: HashName | undefined;

/** By trying: some tenths of a millisecond, once in a process. */
function fasterHash(): HashName {
  const sample = Buffer.alloc(4_096, 1);
  const msOf = ({ name }: Hash): number => {
    let best = Infinity;
    for (let times = 0; times < 10; times += 1) {
      const began = performance.now();
      hash(name, sample, 'binary');
      best = Math.min(best, performance.now() - began);
    }
    return best;
  };
  return (msOf(WIDER) < msOf(NARROW) ? WIDER : NARROW).name;
}

/**
 * A cached value as bytes and back: superjson, which keeps Date, Map, Set, BigInt, undefined, NaN
 * and shared references, and the bytes of binary values beside it as they are: superjson alone
 * writes each byte as a decimal number, and base64 adds a third.
 *
 *   u32 0 | text: superjson's own, as for nearly every value; whoever sends it on need not decode it
 *   u32 length of the text | text | bytes of each binary value, one after the other
 *     text = JSON of [json, meta, [[type, bytes], …]]
 *
 * What is read may have been forged. superjson refuses paths through prototypes, the binary types
 * are a closed list, and a property named __proto__, which is never written, is refused. Throws
 * whatever comes up: the caller turns it into a miss. Synchronous, so one pair of lists is enough.
 */
import { hash } from 'node:crypto';
import { SuperJSON } from 'superjson';

const LENGTH_BYTES = 4;
/** In place of a length: all that follows is superjson's text. */
const PLAIN = 0;

const binaryTypes = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  BigUint64Array,
  BigInt64Array,
  Float32Array,
  Float64Array,
  DataView,
};

type BinaryType = keyof typeof binaryTypes;
type Binary = InstanceType<(typeof binaryTypes)[BinaryType]>;

/** A Buffer is written as the plain array that it is. */
function typeOf(value: Binary): BinaryType {
  const name = value instanceof Uint8Array ? 'Uint8Array' : value.constructor.name;
  if (!Object.hasOwn(binaryTypes, name)) throw new TypeError(`no ${name} can be stored`);
  return name as BinaryType;
}

let written: Binary[] = [];
/** Whether something was written that superjson by itself reads back as something else. */
let extended = false;
let read: readonly Binary[] = [];

const superjson = new SuperJSON();
superjson.registerCustom<Binary, number>(
  {
    isApplicable: (value): value is Binary => ArrayBuffer.isView(value),
    serialize(value) {
      extended = true;
      return written.push(value) - 1;
    },
    deserialize: (index) => {
      const value = read[index];
      if (value === undefined) throw new RangeError('a binary value is missing');
      return value;
    },
  },
  'bytes',
);
// superjson writes an invalid date as null.
superjson.registerCustom<Date, null>(
  {
    isApplicable: (value): value is Date => value instanceof Date && Number.isNaN(value.getTime()),
    serialize() {
      extended = true;
      return null;
    },
    deserialize: () => new Date(NaN),
  },
  'invalid date',
);

/** Throws for what superjson refuses: a property named __proto__, constructor or prototype. */
export function encodeValue(value: unknown): Buffer {
  written = [];
  extended = false;
  try {
    const serialized = superjson.serialize(value);
    if (!extended) return encodePlain(JSON.stringify(serialized));
    const binaries = written.map((one) => [typeOf(one), one.byteLength]);
    const text = JSON.stringify([serialized.json, serialized.meta, binaries]);
    const length = Buffer.byteLength(text);
    const bytes = Buffer.allocUnsafe(
      LENGTH_BYTES + length + written.reduce((sum, one) => sum + one.byteLength, 0),
    );
    bytes.writeUInt32LE(length, 0);
    let end = LENGTH_BYTES + bytes.write(text, LENGTH_BYTES, 'utf8');
    for (const one of written) {
      bytes.set(new Uint8Array(one.buffer, one.byteOffset, one.byteLength), end);
      end += one.byteLength;
    }
    return bytes;
  } finally {
    written = [];
  }
}

function encodePlain(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + Buffer.byteLength(text));
  bytes.writeUInt32LE(PLAIN, 0);
  bytes.write(text, LENGTH_BYTES, 'utf8');
  return bytes;
}

/** What a shared store holds of a value that superjson by itself can carry. */
export function textOfValue(value: unknown): string {
  return JSON.stringify(superjson.serialize(value));
}

/** What superjson makes of a value. */
export interface StoredText {
  /** In UTF-8, with one character for each byte: to make that of bytes, and bytes of it, is only copying. */
  readonly text: string;
  /** SHA-256 of those bytes, as base64url. */
  readonly digest: string;
}

/** superjson's text of the value, if that is all there is. */
export function textOf(bytes: Buffer): string | undefined {
  return isPlain(bytes) ? bytes.toString('latin1', LENGTH_BYTES) : undefined;
}

/** Of `textOf`. */
export function digestOfText(bytes: Buffer): string | undefined {
  return isPlain(bytes) ? hash('sha256', bytes.subarray(LENGTH_BYTES), 'base64url') : undefined;
}

function isPlain(bytes: Buffer): boolean {
  return bytes.readUInt32LE(0) === PLAIN;
}

/** @param bytes  one character for each */
export function decodeText(bytes: string): unknown {
  return decodePlain(Buffer.from(bytes, 'latin1').toString());
}

function decodePlain(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('not a stored value');
  if (mayNameProto(text)) refuseProto(parsed);
  const { json, meta } = parsed as { json: never; meta?: never };
  return meta === undefined ? json : superjson.deserialize({ json, meta }, { inPlace: true });
}

export function decodeValue(bytes: Buffer): unknown {
  const length = bytes.readUInt32LE(0);
  if (length === PLAIN) return decodePlain(bytes.toString('utf8', LENGTH_BYTES));
  const end = LENGTH_BYTES + length;
  if (end > bytes.length) throw new RangeError('the text is cut off');
  const text = bytes.toString('utf8', LENGTH_BYTES, end);
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) throw new TypeError('not a stored value');
  if (mayNameProto(text)) refuseProto(parsed);
  const [json, meta, binaries] = parsed as [never, never, unknown];
  try {
    read = readBinaries(binaries, bytes.subarray(end));
    return superjson.deserialize({ json, meta }, { inPlace: true });
  } finally {
    read = [];
  }
}

function readBinaries(listed: unknown, bytes: Buffer): Binary[] {
  if (!Array.isArray(listed)) throw new TypeError('no list of binary values');
  let end = 0;
  return listed.map((one: unknown) => {
    const [name, length] = one as [string, number];
    if (!Object.hasOwn(binaryTypes, name)) throw new TypeError('an unknown binary type');
    if (!Number.isSafeInteger(length) || length < 0 || end + length > bytes.length) {
      throw new RangeError('a binary value is cut off');
    }
    // A copy: wider elements need their alignment, and the envelope's memory is not kept alive.
    const copy = new Uint8Array(bytes.subarray(end, (end += length)));
    const Type: new (memory: ArrayBuffer) => Binary = binaryTypes[name as BinaryType];
    return new Type(copy.buffer);
  });
}

/** JSON.stringify escapes no letter or underscore; a text that does was made by somebody else. */
function mayNameProto(text: string): boolean {
  // Nearly no text has such an escape, and looking for one is ten times faster than for any of them.
  return text.includes('__proto__') || (text.includes('\\u00') && /\\u00[4-7]/.test(text));
}

/** An own property named __proto__ changes the prototype of whatever it is assigned to. */
function refuseProto(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) throw new TypeError('a property is named __proto__');
  for (const item of Object.values(value)) refuseProto(item);
}

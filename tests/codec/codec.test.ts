/**
 * Entries as bytes: what goes in comes out, and whatever else may stand in a store is a miss.
 */
import { createHash } from 'node:crypto';
import { constants, crc32, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import superjson from 'superjson';
import { describe, expect, it } from 'vitest';
import {
  CodecError,
  createCodec,
  type EntryHeader,
  type EntryOwner,
  type Stored,
} from '../../src/cache/codec/codec.ts';
import { decodeText } from '../../src/cache/codec/value.ts';

const KEY = '7.1.5.16/scene.byId:abc';
const codec = createCodec();

type Header = EntryHeader & EntryOwner;

function headerWith(over: Partial<Header> = {}): Header {
  return {
    name: 'scene.byId',
    owner: undefined,
    tags: ['scene:1', 'table:scenes'],
    provenance: { horizon: 700, known: [701, 710] },
    storedAt: 1_700_000_000_000,
    validUntil: 1_700_000_100_000,
    staleUntil: 1_700_000_100_000,
    graceUntil: Infinity,
    refreshAt: Infinity,
    negative: false,
    ...over,
  };
}

const sealing = createCodec({ secret: 's'.repeat(32) });

async function roundTrip(value: unknown, header = headerWith(), by = codec) {
  const encoded = by.decodeHeader(KEY, await by.encode(KEY, header, value));
  const stored = await by.decodeValue(encoded);
  const { name, owner } = encoded;
  return { header: { ...encoded.header, name, owner }, stored, value: valueOf(stored) };
}

function valueOf(stored: Stored): unknown {
  return 'text' in stored ? decodeText(stored.text) : stored.value;
}

/** As superjson writes it, with one character for each byte. */
function bytesOf(value: unknown): string {
  return Buffer.from(superjson.stringify(value)).toString('latin1');
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(superjson.stringify(value)).digest('base64url');
}

/** Undefined for a miss; anything but a CodecError is a crash. */
async function read(bytes: Uint8Array, by = codec, key = KEY): Promise<unknown> {
  try {
    return valueOf(await by.decodeValue(by.decodeHeader(key, bytes)));
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
    return undefined;
  }
}

/** Stands for a value that was read: none of the misses. */
const READ = { read: 'this' };

describe('a value', () => {
  it.each([
    ['undefined, as of a confirmed absence', undefined],
    ['null', null],
    ['a date', new Date(5)],
    ['an invalid date', new Date(NaN)],
    ['numbers that JSON has not', [NaN, Infinity, -Infinity, -0]],
    ['big integers', [0n, -1n, 2n ** 200n]],
    ['undefined in an object and a list', { a: undefined, b: [undefined, 1] }],
    ['a Map with objects for keys', new Map<unknown, unknown>([[{ k: 1 }, new Set([1n])]])],
    ['a Set of Maps', new Set([new Map([['a', new Date(1)]])])],
    ['bytes', { audio: new Uint8Array([0, 255, 128]), none: new Uint8Array() }],
    ['wider numbers, wherever they begin', [new Uint8Array(3), new Float64Array([1.5, NaN])]],
    ['a view of bytes', new DataView(new Uint8Array([1, 2, 3]).buffer, 1)],
    ['the 64-bit lists', [new BigInt64Array([-1n]), new BigUint64Array([2n ** 63n])]],
    ['text of all kinds', '\0 "\\ \u2028 ключ 🎬 \ud800'],
    [
      'names that mean something elsewhere',
      { toString: 1, hasOwnProperty: 2, 'a.b': { 'c\\.d': new Date(0) } },
    ],
  ])('comes back as it was: %s', async (_name, value) => {
    const back = await roundTrip(value);
    expect(back.value).toStrictEqual(value);
  });

  it('comes back as it was, whatever it is made of', async () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.bigInt(),
      fc.boolean(),
      fc.date({ noInvalidDate: false }),
      fc.constant(undefined),
      fc.constant(null),
      fc.uint8Array(),
      fc.float32Array(),
    );
    const name = fc
      .string()
      .filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
        fc
          .array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 })
          .map((pairs) => new Map(pairs)),
        fc.uniqueArray(fc.string(), { maxLength: 3 }).map((items) => new Set(items)),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        expect((await roundTrip(given)).value).toStrictEqual(given);
        const vouched = await roundTrip(given, headerWith(), sealing);
        expect(vouched.value).toStrictEqual(given);
        if ('text' in vouched.stored) expect(vouched.stored.text).toBe(bytesOf(given));
      }),
      { numRuns: 300 },
    );
  });

  it('is passed on as superjson writes it, where a secret vouches for it', async () => {
    const large = 'the same wörds again and again. '.repeat(4_000);
    for (const given of [undefined, { when: new Date(0), map: new Map([[1, large]]) }]) {
      const { stored } = await roundTrip(given, headerWith(), sealing);
      expect(stored).toEqual({ text: bytesOf(given), digest: digestOf(given) });
      expect((await roundTrip(given)).stored).toStrictEqual({ value: given });
    }
  });

  it.each([new Uint8Array([1]), { ended: new Date(NaN) }])(
    'is not, where superjson alone would write something else: %j',
    async (given) => {
      const { stored } = await roundTrip(given, headerWith(), sealing);
      expect(stored).toStrictEqual({ value: given });
    },
  );

  it('keeps one object that stands in two places one object', async () => {
    const shared = { name: 'shared' };
    const { value } = await roundTrip({ first: shared, second: [shared] });
    const back = value as { first: object; second: object[] };
    expect(back.second[0]).toBe(back.first);
  });

  it('takes a Buffer for the bytes it is', async () => {
    expect((await roundTrip(Buffer.from('hi'))).value).toStrictEqual(new Uint8Array([104, 105]));
  });

  it('is compressed when it is large, and not when that saves nothing', async () => {
    const text = 'the same words again and again. '.repeat(4_000);
    const packed = await codec.encode(KEY, headerWith(), text);
    expect(packed.length).toBeLessThan(text.length / 20);
    expect(await read(packed)).toBe(text);
    const noise = crypto.getRandomValues(new Uint8Array(30_000));
    const loose = await codec.encode(KEY, headerWith(), noise);
    expect(codec.decodeHeader(KEY, loose).compressed).toBe(false);
    expect(await read(loose)).toStrictEqual(noise);
  });

  it.each([
    ['a property named constructor', { constructor: 1 }],
    ['a property named __proto__', JSON.parse('{"__proto__": 1}')],
    [
      'a list of a kind that this version does not know',
      new (class Float8Array extends Int8Array {})(1),
    ],
  ])('is refused when it has no stored form: %s', async (_name, value) => {
    await expect(codec.encode(KEY, headerWith(), value)).rejects.toMatchObject({
      code: 'unencodable',
    });
  });

  it('is refused when it is too large', async () => {
    const small = createCodec({ bodyBytesMax: 1_000 });
    await expect(small.encode(KEY, headerWith(), 'x'.repeat(1_000))).rejects.toMatchObject({
      code: 'too-large',
    });
  });
});

describe('a header', () => {
  it('comes back as it was, read apart from the value', async () => {
    const time = fc.oneof(fc.double({ noNaN: true }), fc.constant(Infinity));
    const xid = fc.maxSafeNat();
    const header = fc.record<Header>({
      name: fc.string(),
      owner: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      tags: fc.array(fc.string({ unit: 'grapheme' })),
      provenance: fc.record({ horizon: xid, known: fc.array(xid) }),
      storedAt: time,
      validUntil: time,
      staleUntil: time,
      graceUntil: time,
      refreshAt: time,
      negative: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(header, async (given) => {
        expect((await roundTrip(READ, given)).header).toEqual(given);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what stands in the store is a miss', () => {
  it('when any bit of it has changed', async () => {
    for (const by of [codec, sealing]) {
      const bytes = await by.encode(KEY, headerWith(), READ);
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(await read(changed, by), `bit ${bit}`).toBeUndefined();
      }
    }
  });

  it('when it is cut off or has grown', async () => {
    const bytes = await codec.encode(KEY, headerWith(), READ);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(await read(bytes.subarray(0, length))).toBeUndefined();
    }
    expect(await read(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined();
  });

  it('when it was stored under another key', async () => {
    const bytes = await codec.encode(KEY, headerWith(), READ);
    expect(await read(bytes, codec, `${KEY}x`)).toBeUndefined();
    expect(await read(bytes)).toEqual(READ);
  });

  it('when it was not sealed with our secret', async () => {
    const ours = createCodec({ secret: 'a'.repeat(32) });
    const theirs = createCodec({ secret: 'b'.repeat(32) });
    const bytes = await ours.encode(KEY, headerWith(), READ);
    expect(await read(bytes, ours)).toEqual(READ);
    expect(await read(bytes, theirs)).toBeUndefined();
    expect(await read(bytes, codec)).toBeUndefined();
    expect(await read(await codec.encode(KEY, headerWith(), READ), ours)).toBeUndefined();
  });

  it('when it is anything at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(await read(bytes)).toBeUndefined();
      }),
    );
  });

  it('when a forger who can make the seal puts anything below it', async () => {
    const real = await codec.encode(KEY, headerWith(), {
      when: new Date(0),
      text: 'x'.repeat(9_000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(real.length - 21), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(real.length),
        async (changes, length) => {
          const forged = Buffer.from(real.subarray(0, Math.max(80, length)));
          for (const [at, byte] of changes) if (20 + at < forged.length) forged[20 + at] = byte;
          // Whatever it reads as, it is no crash.
          await read(reseal(forged));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('a forged value', () => {
  const polluted = (): unknown[] => [({} as never)['polluted'], ([] as never)['polluted']];

  it.each([
    ['a property named __proto__', '[{"__proto__":{"polluted":1}}]'],
    ['the same, written with escapes', '[{"\\u005f\\u005fproto__":{"polluted":1}}]'],
    ['a path through __proto__', '[{},{"values":{"__proto__.polluted":["Date"]},"v":1},[]]'],
    [
      'a path through constructor',
      '[{},{"values":{"constructor.prototype.polluted":["Date"]},"v":1},[]]',
    ],
    ['an inherited path', '[{},{"values":{"toString.polluted":["undefined"]},"v":1},[]]'],
    [
      'equal references through __proto__',
      '[{"a":{"polluted":1}},{"referentialEqualities":{"a":["__proto__"]},"v":1},[]]',
    ],
    ['a class', '[{},{"values":[["class","Function"]],"v":1},[]]'],
    ['a regular expression that never ends', '["/(a+)+$/",{"values":["regexp"],"v":1},[]]'],
    [
      'an unknown kind of bytes',
      '[0,{"values":[["custom","bytes"]],"v":1},[["SharedArrayBuffer",1]]]',
    ],
    ['bytes that are not there', '[0,{"values":[["custom","bytes"]],"v":1},[["Uint8Array",9]]]'],
    ['a negative length', '[0,{"values":[["custom","bytes"]],"v":1},[["Uint8Array",-9]]]'],
    ['a list that is none', '[0,{"values":[["custom","bytes"]],"v":1},{"length":1e9}]'],
    ['no list', '{"0":1}'],
    ['nesting without end', '['.repeat(200_000)],
  ])('pollutes nothing and crashes nothing: %s', async (_name, text) => {
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    for (const plain of [false, true]) {
      await read(forge({ text: plain ? plainFormOf(text) : text, plain }));
    }
    expect(polluted()).toEqual([undefined, undefined]);
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
    expect(Object.hasOwn(Object.prototype.toString, 'polluted')).toBe(false);
  });

  it('is a miss when a property is named __proto__, in any spelling', async () => {
    for (const name of ['__proto__', '\\u005f_proto__', '__\\u0070roto__', '__pr\\u006Fto__']) {
      const json = `{"list":[{"${name}":{"a":1}}]}`;
      expect(await read(forge({ text: `[${json},{"v":1},[]]` }))).toBeUndefined();
      expect(await read(forge({ text: `{"json":${json}}`, plain: true }))).toBeUndefined();
    }
    const json = '{"list":["__proto__"]}';
    const inList = { list: ['__proto__'] };
    expect(await read(forge({ text: `[${json},{"v":1},[]]` }))).toEqual(inList);
    expect(await read(forge({ text: `{"json":${json}}`, plain: true }))).toEqual(inList);
  });

  it('is a miss when it would decompress to more than it says, or than is allowed', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * 2 ** 20), {
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    });
    expect(bomb.length).toBeLessThan(10_000);
    const memory = process.memoryUsage().arrayBuffers;
    for (const announced of [100, 100_000, 15 * 2 ** 20, 64 * 2 ** 20, 2 ** 32 - 1]) {
      expect(await read(forge({ body: bomb, announced, compressed: true }))).toBeUndefined();
    }
    expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(64 * 2 ** 20);
  });

  it('is a miss when its lengths point elsewhere', async () => {
    for (const headerLength of [0, 1, 1_000, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = forge({ text: '[1]' });
      bytes.writeUInt32LE(headerLength, 72);
      expect(await read(reseal(bytes))).toBeUndefined();
    }
  });
});

/** A case of the other form, where it has one: its list as superjson's object. */
function plainFormOf(text: string): string {
  const parts = /^\[(.*?),(\{"(?:values|referential).*\}),\S+\]$/.exec(text);
  return parts ? `{"json":${parts[1]},"meta":${parts[2]}}` : `{"json":${text}}`;
}

/** An envelope as the codec makes it without a secret, around whatever is given. */
function forge(parts: {
  text?: string;
  /** All of the body is the text. */
  plain?: boolean;
  body?: Buffer;
  announced?: number;
  compressed?: boolean;
}) {
  const text = Buffer.from(parts.text ?? '');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(parts.plain ? 0 : text.length);
  const body = parts.body ?? Buffer.concat([length, text]);
  const header = Buffer.from(JSON.stringify(['n', null, ['t'], [1], null]));
  const fixed = Buffer.alloc(80);
  fixed.set([0x47, 0x52, 0x45, 3]);
  fixed[20] = parts.compressed ? 1 : 0;
  fixed.writeUInt32LE(header.length, 72);
  fixed.writeUInt32LE(parts.announced ?? body.length, 76);
  return reseal(Buffer.concat([fixed, header, body]));
}

function reseal(bytes: Buffer): Buffer {
  bytes.fill(0, 4, 20);
  bytes.writeUInt32LE(crc32(bytes.subarray(20), crc32(KEY)), 4);
  return bytes;
}

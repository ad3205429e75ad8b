/** Seals are what their definition says, whatever they are made with; and who believes which. */
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSeals, type HashName } from '../../src/cache/codec/envelope-seal.ts';

const KEY = 'ключ/scene.byId:abc';
const SECRET = 'a'.repeat(32);
/** Also longer than what is at hand for it. */
const SIZES = [0, 1, 4_096, 20_000];

describe.each<HashName>(['sha256', 'sha512-256'])('%s', (name) => {
  const other: HashName = name === 'sha256' ? 'sha512-256' : 'sha256';

  it.each(SIZES)('seals %i bytes by the HMAC of their key and them', (size) => {
    const bytes = Buffer.alloc(size, 7);
    const purpose = createHash('sha256').update(`cache entries:${SECRET}`).digest();
    const hmac = createHmac(name, purpose).update(`${KEY.length}:${KEY}`).update(bytes).digest();
    expect(createSeals(SECRET, name).seal(KEY, bytes)).toEqual(hmac.subarray(0, 16));
  });

  it('is believed by who seals with the other', () => {
    const bytes = Buffer.from('some bytes');
    const ours = createSeals(SECRET, name);
    const theirs = createSeals(SECRET, other);
    const seal = Buffer.from(ours.seal(KEY, bytes));
    expect(theirs.by(ours.flags)?.(KEY, bytes)).toEqual(seal);
    expect(theirs.by(theirs.flags)?.(KEY, bytes)).not.toEqual(seal);
  });

  it('believes no checksum, and is not believed by who knows no secret', () => {
    const sealed = createSeals(SECRET, name);
    const open = createSeals(undefined);
    expect(sealed.by(open.flags)).toBeUndefined();
    expect(open.by(sealed.flags)).toBeUndefined();
  });
});

it('takes what is faster where nothing is said', () => {
  const { flags, by } = createSeals(SECRET);
  expect(by(flags)).toBeTypeOf('function');
});

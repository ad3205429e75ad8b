/** What the bytes of an answer are made of: the text that the shared store had, or the value. */
import { hash } from 'node:crypto';
import { initTRPC } from '@trpc/server';
import superjson from 'superjson';
import { expect, it } from 'vitest';
import type { CacheMark } from '../../src/api/context.ts';
import { createEncode } from '../../src/server/wire/encoded.ts';

const value = { when: new Date(0), name: 'Füße ☂', none: undefined };
const text = Buffer.from(superjson.stringify(value)).toString('latin1');

function markOf(from: CacheMark['from']): CacheMark {
  return {
    storedAt: 1,
    validUntil: 2,
    deps: ['scene:ü'],
    outcome: 'hit',
    tier: 'l2',
    from,
  };
}
const neverDecoded = {
  stored: { text, digest: hash('sha256', Buffer.from(text, 'latin1'), 'base64url') },
  beside: undefined,
  get value(): unknown {
    throw new Error('it was decoded');
  },
};

it('is the stored text, undecoded, and the same bytes as of the value', () => {
  const encode = createEncode(initTRPC.create({ transformer: superjson }).router({}));
  const passedOn = encode.read(markOf(neverDecoded));
  const encoded = encode.read(markOf({ value, stored: undefined, beside: undefined }));
  expect(passedOn.plain.toString()).toContain('Füße ☂');
  expect(passedOn.plain).toEqual(encoded.plain);
  expect(passedOn.tag).toBe(encoded.tag);
  expect(JSON.parse(passedOn.plain.toString())).toMatchObject({
    result: { cache: { storedAt: 1, validUntil: 2, deps: ['scene:ü'] } },
  });
});

it('is made of the value where the router writes values in another way', () => {
  const dates = { serialize: String, deserialize: String };
  for (const t of [initTRPC.create(), initTRPC.create({ transformer: dates })]) {
    const encode = createEncode(t.router({}));
    expect(() => encode.read(markOf(neverDecoded))).toThrow('it was decoded');
  }
});

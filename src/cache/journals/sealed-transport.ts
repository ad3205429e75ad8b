/**
 * A transport whose texts are signed with a secret that all members share. Without it whoever
 * reaches the server could answer in a member's name, and a writer would not wait for that member.
 * What does not verify is not delivered.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Transport } from './journal.ts';

/** Of HMAC-SHA256, cut to 128 bits, in base64url. */
const SEAL_CHARS = 22;

export function sealedTransport(
  transport: Transport,
  { secret, onRefused }: { readonly secret: string; readonly onRefused: () => void },
): Transport {
  // Not the secret itself: it signs other things too.
  const key = hash('sha256', `cache journal:${secret}`, 'buffer');
  const sealOf = (text: string): string =>
    createHmac('sha256', key).update(text).digest('base64url').slice(0, SEAL_CHARS);

  const verified = (sealed: string): string | undefined => {
    const seal = Buffer.from(sealed.slice(0, SEAL_CHARS));
    const text = sealed.slice(SEAL_CHARS);
    const expected = Buffer.from(sealOf(text));
    return seal.length === expected.length && timingSafeEqual(seal, expected) ? text : undefined;
  };

  return {
    ...transport,
    textBytesMax: transport.textBytesMax - SEAL_CHARS,
    send: (parcels) =>
      transport.send(parcels.map(({ to, text }) => ({ to, text: sealOf(text) + text }))),
    listen: (deliver) =>
      transport.listen((sealed) => {
        const text = verified(sealed);
        if (text === undefined) onRefused();
        else deliver(text);
      }),
  };
}

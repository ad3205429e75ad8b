/**
 * Bounds what strangers' tokens cost. Whose limit a request counts against is known only when its
 * session is, and a token that is not in memory takes a query: without a bound of its own, made-up
 * tokens would be as many queries. So an address may have as many looked up in vain in a minute as it
 * may make calls; after that what it sends with a token that is not in memory is refused unseen, until
 * the minute ends.
 *
 * Only a plain bearer token can be made up. What carries our signature (every cookie) is looked up
 * always, so that people behind one address with somebody who guesses keep working.
 */
import { BulkheadRejectedError, bulkhead, type BulkheadPolicy } from 'cockatiel';
import type { AddressOf, Sender } from './client-address.ts';
import { networkOf, refusal, type RequestLimiter } from './rate-limit.ts';
import { WINDOW_MS } from './rate-limit-store.ts';
import { RecentMap } from './recent-map.ts';

export interface TokenGuesses {
  /** Null also where it is not looked up; then `refusalOf` the request says so. */
  lookUp<Found>(request: Sender, look: () => Promise<Found | null>): Promise<Found | null>;
  /** For a request whose token was not looked up: it fails each call, and tells when to come back. */
  refusalOf(request: Sender): RequestLimiter | undefined;
}

interface Guesser {
  /** Looked up in vain since the window began. */
  inVain: number;
  /** By `performance.now`. */
  endsAtMs: number;
  readonly turns: BulkheadPolicy;
}

/** Of one address: a few of the connections that read, so that a flood leaves the others theirs. */
const AT_ONCE = 4;
/** After a restart everybody behind a proxy asks at once; each look-up takes a millisecond or two. */
const WAITING_MAX = 1_000;
/** Some 500 bytes each. */
const GUESSERS_MAX = 5_000;

export function createTokenGuesses(options: {
  perMinute: number;
  addressOf: AddressOf;
}): TokenGuesses {
  const { perMinute, addressOf } = options;
  const guessers = new RecentMap<string, Guesser>(GUESSERS_MAX);
  const refused = new WeakMap<Sender, RequestLimiter>();

  function guesserOf(request: Sender): Guesser {
    const network = networkOf(addressOf(request));
    let guesser = guessers.get(network);
    if (!guesser) {
      guesser = { inVain: 0, endsAtMs: 0, turns: bulkhead(AT_ONCE, WAITING_MAX) };
      guessers.set(network, guesser);
    }
    const now = performance.now();
    if (now >= guesser.endsAtMs) {
      guesser.inVain = 0;
      guesser.endsAtMs = now + WINDOW_MS;
    }
    return guesser;
  }

  function refuse(request: Sender, { endsAtMs }: Guesser): null {
    const resetMs = Math.max(1, endsAtMs - performance.now());
    refused.set(request, refusal({ name: 'tokens', limit: perMinute, resetMs }));
    return null;
  }

  return {
    async lookUp(request, look) {
      const guesser = guesserOf(request);
      try {
        return await guesser.turns.execute(async () => {
          if (guesser.inVain >= perMinute) return refuse(request, guesser);
          const found = await look();
          if (found === null) guesser.inVain += 1;
          return found;
        });
      } catch (error) {
        if (error instanceof BulkheadRejectedError) return refuse(request, guesser);
        throw error;
      }
    },
    refusalOf: (request) => refused.get(request),
  };
}

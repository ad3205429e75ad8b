/** What the calls of a request count against: its user, or, signed out, the address it comes from. */
import type { Session } from '../api/context.ts';
import type { AddressOf, Sender } from './client-address.ts';
import type { RateLimits, RequestLimiter } from './rate-limit.ts';
import type { TokenGuesses } from './token-guesses.ts';

export type LimiterOf = (session: Session | null, request: Sender) => RequestLimiter;

export function createLimiterOf(options: {
  limits: RateLimits;
  addressOf: AddressOf;
  /** Default: tokens are looked up however many there are. */
  guesses?: Pick<TokenGuesses, 'refusalOf'>;
}): LimiterOf {
  const { limits, addressOf, guesses } = options;
  return (session, request) =>
    session
      ? limits.of({ userId: session.user.id })
      : (guesses?.refusalOf(request) ?? limits.of({ address: addressOf(request) }));
}

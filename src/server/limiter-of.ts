/** What the calls of a request count against: its user, or, signed out, the address it comes from. */
import type { Session } from '../api/context.ts';
import type { AddressOf, Sender } from './client-address.ts';
import type { RateLimits, RequestLimiter } from './rate-limit.ts';

export type LimiterOf = (session: Session | null, request: Sender) => RequestLimiter;

export function createLimiterOf(options: {
  limits: RateLimits;
  addressOf: AddressOf;
}): LimiterOf {
  const { limits, addressOf } = options;
  return (session, request) =>
    limits.of(session ? { userId: session.user.id } : { address: addressOf(request) });
}

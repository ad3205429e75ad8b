/**
 * Which session token a request carries, decided exactly as better-auth decides it: a bearer token
 * (plain or signed) goes before the cookie, and a bearer token that is not genuine leaves the
 * cookie in force. The cookie's value is `token.signature`, URL-encoded; the signature is the
 * base64 of HMAC-SHA-256.
 *
 * What was verified is remembered for a bounded number of values, so that a hit computes no HMAC.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { RecentMap } from './recent-map.ts';

export interface CredentialHeaders {
  readonly cookie?: string | undefined;
  readonly authorization?: string | undefined;
}

export interface SessionTokens {
  /** The token of the session that the request claims, once its signature holds. */
  of(headers: CredentialHeaders): string | undefined;
  /** Whether what `of` found is a bare token, which anybody can make up. */
  isUnsigned(headers: CredentialHeaders): boolean;
  /** Whether a browser may have sent the credential by itself. */
  byCookie(headers: CredentialHeaders): boolean;
}

/** Some 300 bytes each; beyond, those that were not seen lately are verified again. */
const REMEMBERED_MAX = 10_000;
/** A genuine value has about 80 characters; longer ones are not worth an HMAC or memory. */
const VALUE_LENGTH_MAX = 512;
/** Of a whole header that is remembered: longer ones are read each time. */
const COOKIE_LENGTH_MAX = 1_024;
const SIGNATURE_LENGTH = 44;

export function createSessionTokens(options: {
  secret: string;
  cookieName: string;
}): SessionTokens {
  const verified = new RecentMap<string, string>(REMEMBERED_MAX);
  /** Whole headers with a genuine cookie: a browser sends the same each time. */
  const cookies = new RecentMap<string, string>(REMEMBERED_MAX);

  function verify(signed: string): string | undefined {
    if (signed.length > VALUE_LENGTH_MAX) return undefined;
    const known = verified.get(signed);
    if (known !== undefined) return known;
    const token = verifiedToken(signed, options.secret);
    // Only genuine values are remembered: others cost the sender a request and us an HMAC.
    if (token !== undefined) verified.set(signed, token);
    return token;
  }

  function ofBearer(authorization: string | undefined): string | undefined {
    const token = bearerOf(authorization);
    if (token === undefined) return undefined;
    if (!token.includes('.')) return token.length <= VALUE_LENGTH_MAX ? token : undefined;
    return verify(token.includes('%') ? decode(token) : token);
  }

  return {
    of(headers) {
      const bearer = ofBearer(headers.authorization);
      if (bearer !== undefined) return bearer;
      const { cookie } = headers;
      if (cookie === undefined) return undefined;
      const known = cookies.get(cookie);
      if (known !== undefined) return known;
      const value = cookieOf(cookie, options.cookieName);
      const token = value === undefined ? undefined : verify(value);
      if (token !== undefined && cookie.length <= COOKIE_LENGTH_MAX) cookies.set(cookie, token);
      return token;
    },
    isUnsigned(headers) {
      const bearer = bearerOf(headers.authorization);
      return bearer !== undefined && !bearer.includes('.') && bearer.length <= VALUE_LENGTH_MAX;
    },
    byCookie: (headers) => cookieOf(headers.cookie, options.cookieName) !== undefined,
  };
}

function verifiedToken(signed: string, secret: string): string | undefined {
  const dot = signed.lastIndexOf('.');
  if (dot < 1) return undefined;
  const signature = signed.slice(dot + 1);
  if (signature.length !== SIGNATURE_LENGTH || !signature.endsWith('=')) return undefined;
  const token = signed.slice(0, dot);
  const expected = createHmac('sha256', secret).update(token).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined;
}

function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization?.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  return authorization.slice(7).trim() || undefined;
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    const value = pair.slice(equals + 1).trim();
    return decode(value.startsWith('"') ? value.slice(1, -1) : value);
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

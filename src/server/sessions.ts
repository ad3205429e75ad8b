/**
 * Whose request it is. better-auth's own look-up costs queries; this one is a cached, tagged
 * look-up, so that a hit costs none, and a sign-out, ban or change of role, which change the rows
 * behind its tags, act at once in every process. Never stale: no grace.
 *
 * The token is part of the key, and a key is a digest: no token leaves the process in clear.
 */
import { and, eq } from 'drizzle-orm';
import type { Session } from '../api/context.ts';
import { toApiError } from '../api/errors.ts';
import { defineCache, type StudioCache } from '../api/resources.ts';
import { MINUTE, SECOND } from '../config/duration.ts';
import { sessions, sessionTags, users, userTags } from '../db/schema/auth.ts';
import type { Reads } from '../procedures/index.ts';
import { tableTag } from '../db/tags.ts';
import type { Sender } from './client-address.ts';
import type { SessionTokens } from './session-token.ts';
import type { TokenGuesses } from './token-guesses.ts';

/** How long one session is answered without asking again. Its own end, if sooner, goes before. */
const SESSION_TTL_MS = 10 * MINUTE;
/** A token that nobody has: remembered shortly, since an attacker may send any number of them. */
const UNKNOWN_TOKEN_TTL_MS = 30 * SECOND;

export const sessionCache = defineCache({
  name: 'sessions',
  freshness: {
    ttlMs: SESSION_TTL_MS,
    negativeTtlMs: UNKNOWN_TOKEN_TTL_MS,
    graceMs: 0,
  },
  // Whose session it is, is found out by the load.
  tags: ({ token }: { token: string }) => [sessionTags.byToken({ token })],
  async load({ token }, { db, depend }): Promise<Session | undefined> {
    const [row] = await db
      .select({
        id: sessions.id,
        expiresAt: sessions.expiresAt,
        user: {
          id: users.id,
          email: users.email,
          username: users.username,
          name: users.name,
          role: users.role,
        },
        banned: users.banned,
        banExpires: users.banExpires,
      })
      .from(sessions)
      .innerJoin(users, and(eq(users.id, sessions.userId)))
      .where(eq(sessions.token, token))
      .limit(1);
    if (!row) {
      // The statement names `users`, but no user can make a missing session appear.
      depend(tableTag('users'));
      return undefined;
    }
    const { banned, banExpires, ...session } = row;
    depend(userTags.one({ id: session.user.id }));
    const now = Date.now();
    if (session.expiresAt.getTime() <= now) return undefined;
    if (banned && (banExpires === null || banExpires.getTime() > now)) return undefined;
    return session;
  },
  validUntil: (session) => session.expiresAt,
});

export interface Sessions {
  /**
   * What is known at once, as for nearly every request; undefined: it has to be looked up.
   * @param reads  takes what it was found by: who asks counts that
   */
  peek(request: Pick<Sender, 'headers'>, reads: Reads): Session | null | undefined;
  /** Whatever it takes; rejects, never throws. What tokens that nobody has cost is bounded. */
  find(request: Sender): Promise<Session | null>;
}

export function createSessions(options: {
  tokens: SessionTokens;
  cache: Pick<StudioCache, 'peek' | 'countHits' | 'get'>;
  /** Default: a token is looked up whoever sends it. */
  guesses?: Pick<TokenGuesses, 'lookUp'>;
}): Sessions {
  const { tokens, cache, guesses } = options;

  async function lookUp(token: string): Promise<Session | null> {
    try {
      return unended(await cache.get(sessionCache, { token }));
    } catch (error) {
      // Before any procedure runs: an overloaded cache has to be told apart from a fault here.
      throw toApiError(error);
    }
  }

  return {
    peek({ headers }, reads) {
      const token = tokens.of(headers);
      if (token === undefined) return null;
      const known = cache.peek(sessionCache, { token });
      if (!known) return undefined;
      reads.push(known);
      return unended(known.value);
    },
    async find(request) {
      const { headers } = request;
      const token = tokens.of(headers);
      if (token === undefined) return null;
      const known = cache.peek(sessionCache, { token });
      if (known) {
        cache.countHits([known]);
        return unended(known.value);
      }
      const bounded = guesses && tokens.isUnsigned(headers);
      return bounded ? guesses.lookUp(request, () => lookUp(token)) : lookUp(token);
    },
  };
}

/** An entry is not served after `validUntil`; the clock of this line is the one that counts. */
function unended(session: Session | undefined): Session | null {
  return session && session.expiresAt.getTime() > Date.now() ? session : null;
}

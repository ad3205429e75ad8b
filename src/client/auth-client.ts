/**
 * Sign-up, sign-in and sign-out over better-auth's endpoints. In a browser the session is a cookie
 * that scripts cannot read; elsewhere it is a bearer token that this client keeps in memory.
 * Throws GreenroomAuthError.
 */
export interface AuthUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly username: string;
  readonly role: 'user' | 'admin';
}

export interface SignedIn {
  readonly user: AuthUser;
  /** For other programs to sign in with; in a browser the cookie is enough. */
  readonly token: string;
}

export interface GreenroomAuth {
  readonly signUp: {
    email(input: { email: string; password: string; name: string }): Promise<SignedIn>;
  };
  readonly signIn: { email(input: { email: string; password: string }): Promise<SignedIn> };
  signOut(): Promise<void>;
  /** Who is signed in, as the server sees it; null for nobody. */
  session(): Promise<{ user: AuthUser; session: { id: string; expiresAt: Date } } | null>;
}

export class GreenroomAuthError extends Error {
  override readonly name = 'GreenroomAuthError';
  readonly status: number;
  /** better-auth's code, such as `INVALID_EMAIL_OR_PASSWORD`. */
  readonly code: string;

  constructor(status: number, body: { code?: string; message?: string } | undefined) {
    super(body?.message ?? `The server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? 'UNKNOWN';
  }
}

export interface AuthClientOptions {
  /** Of the server, without a slash at its end. */
  url: string;
  /** Adds credentials. */
  fetch: typeof fetch;
  /** Told the token after a sign-in, and undefined after a sign-out. */
  onToken: (token: string | undefined) => void;
}

export function createAuthClient({ url, fetch, onToken }: AuthClientOptions): GreenroomAuth {
  async function call(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${url}/api/auth/${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body
        ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
        : {}),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new GreenroomAuthError(response.status, answer as object | undefined);
    return answer;
  }

  async function enter(path: string, body: object): Promise<SignedIn> {
    const signedIn = (await call(path, body)) as SignedIn;
    onToken(signedIn.token);
    return signedIn;
  }

  return {
    signUp: { email: (input) => enter('sign-up/email', input) },
    signIn: { email: (input) => enter('sign-in/email', input) },
    async signOut() {
      await call('sign-out', {});
      onToken(undefined);
    },
    async session() {
      const found = (await call('get-session')) as {
        user: AuthUser;
        session: { id: string; expiresAt: string };
      } | null;
      if (!found) return null;
      const { id, expiresAt } = found.session;
      return { user: found.user, session: { id, expiresAt: new Date(expiresAt) } };
    },
  };
}

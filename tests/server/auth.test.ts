import fc from 'fast-check';
import { expect, test } from 'vitest';
import { betterAuthOf, SESSION_COOKIE } from '../../src/server/auth.ts';
import { createOrigins } from '../../src/server/origins.ts';
import type { CredentialHeaders } from '../../src/server/session-token.ts';
import { createSessionTokens } from '../../src/server/session-token.ts';
import { createSessions } from '../../src/server/sessions.ts';
import { startTestServer, TEST_SECRET, type TestServer } from '../fixtures/server.ts';
import { runSql } from '../fixtures/sql.ts';

/** The session as we resolve it, and as better-auth itself does, from the same headers. */
function resolversOf(app: TestServer) {
  const { cache, db, write } = app.services;
  const ours = createSessions({
    tokens: createSessionTokens({ secret: TEST_SECRET, cookieName: SESSION_COOKIE }),
    cache,
  });
  const better = betterAuthOf({
    read: db,
    write,
    secret: TEST_SECRET,
    baseUrl: app.url,
    origins: createOrigins({ trusted: [], port: () => 0 }),
    log: () => undefined,
  });
  return async (headers: CredentialHeaders) => {
    const mine = await ours.find({ headers: { ...headers }, socket: {} });
    const given = Object.entries(headers).filter(([, value]) => value !== undefined);
    const theirs = await better.api.getSession({ headers: new Headers(Object.fromEntries(given)) });
    return {
      ours: mine && [mine.id, mine.user.id, mine.user.email, mine.user.role, mine.expiresAt],
      theirs: theirs && [
        theirs.session.id,
        theirs.user.id,
        theirs.user.email,
        theirs.user.role,
        theirs.session.expiresAt,
      ],
    };
  };
}

async function authCall(
  app: TestServer,
  path: string,
  { token, cookie, body = {} }: { token?: string; cookie?: string; body?: object } = {},
): Promise<Response> {
  return fetch(`${app.url}/api/auth/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(cookie ? { cookie, origin: app.url } : {}),
    },
    body: JSON.stringify(body),
  });
}

test('a session is resolved exactly as better-auth resolves it', async () => {
  await using app = await startTestServer();
  const [ada, bob] = await Promise.all([app.signUp('ada'), app.signUp('bob')]);
  const both = resolversOf(app);
  const value = ada.cookie.slice(`${SESSION_COOKIE}=`.length);
  const signed = decodeURIComponent(value);

  const genuine: CredentialHeaders[] = [
    { cookie: ada.cookie },
    { cookie: `a=b; ${ada.cookie}; c=d` },
    { cookie: `${SESSION_COOKIE}="${value}"` },
    { cookie: `${SESSION_COOKIE}=${signed}` },
    { authorization: `Bearer ${ada.token}` },
    { authorization: `bearer   ${ada.token} ` },
    { authorization: `Bearer ${signed}` },
    { authorization: `Bearer ${value}` },
    { authorization: `Bearer ${bob.token}`, cookie: ada.cookie },
    { authorization: `Bearer ${bob.token}.forged`, cookie: ada.cookie },
    { authorization: 'Basic eDp5', cookie: ada.cookie },
  ];
  for (const headers of genuine) {
    const { ours, theirs } = await both(headers);
    expect([headers, ours]).toEqual([headers, theirs]);
    expect(ours).not.toBeNull();
  }

  const false_: CredentialHeaders[] = [
    {},
    { cookie: '' },
    { cookie: `${SESSION_COOKIE}=` },
    { cookie: `${SESSION_COOKIE}=${ada.token}` },
    { cookie: `${SESSION_COOKIE}=${bob.token}.${signed.split('.')[1]}` },
    { cookie: `${SESSION_COOKIE}=${value.slice(0, -4)}` },
    { cookie: `x${SESSION_COOKIE}=${value}` },
    { authorization: `Bearer ${ada.token}x` },
    { authorization: 'Bearer ' },
    { authorization: ada.token },
    { authorization: 'Bearer unknown-token', cookie: ada.cookie },
  ];
  for (const headers of false_) {
    const { ours, theirs } = await both(headers);
    expect([headers, ours]).toEqual([headers, theirs]);
    expect(ours).toBeNull();
  }
});

test('no mangled credential is taken that better-auth refuses, nor the other way round', async () => {
  await using app = await startTestServer();
  const { cookie, token } = await app.signUp('ada');
  const both = resolversOf(app);
  const signed = decodeURIComponent(cookie.slice(`${SESSION_COOKIE}=`.length));
  const mangled = fc
    .tuple(
      fc.constantFrom(signed, token),
      fc.nat(100),
      fc.constantFrom('', 'A', '.', '=', '%', ' '),
    )
    .map(
      ([text, at, by]) => text.slice(0, at % text.length) + by + text.slice((at % text.length) + 1),
    );
  const headers = fc
    .tuple(fc.boolean(), fc.boolean(), mangled)
    .map(([bearer, encode, text]): CredentialHeaders => {
      const value = encode ? encodeURIComponent(text) : text;
      return bearer
        ? { authorization: `Bearer ${value}` }
        : { cookie: `${SESSION_COOKIE}=${value}` };
    });
  await fc.assert(
    fc.asyncProperty(headers, async (given) => {
      const { ours, theirs } = await both(given);
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 300 },
  );
});

test('an expired session is none, also while it is cached', async () => {
  await using app = await startTestServer();
  const ada = await app.signUp('ada');
  const both = resolversOf(app);
  expect((await both({ cookie: ada.cookie })).ours).not.toBeNull();
  const past = `update sessions set expires_at = now() - interval '1 second'`;
  await app.services.write(async (tx) => void (await tx.execute(past)));
  expect(await both({ cookie: ada.cookie })).toEqual({ ours: null, theirs: null });
});

test('sign-out, ban and change of role act at once, in this process and in another', async () => {
  // Until processes tell each other of writes, each write waits for a whole lease: a short one.
  const env = { CACHE_LEASE_MS: '500' };
  await using here = await startTestServer({ env });
  await using there = await startTestServer({ env, databaseUrl: here.databaseUrl });
  const admin = await here.signUp('admin', { role: 'admin' });
  const ada = await here.signUp('ada');
  const seen = async (headers: CredentialHeaders) => {
    const results = await Promise.all([here, there].map((app) => resolversOf(app)(headers)));
    for (const { ours, theirs } of results) expect(ours).toEqual(theirs);
    return results.map(({ ours }) => ours?.[3] ?? null);
  };
  const byCookie = { cookie: ada.cookie };
  const byBearer = { authorization: `Bearer ${ada.token}` };

  expect(await seen(byCookie)).toEqual(['user', 'user']);
  const asAdmin = (path: string, body: object) =>
    authCall(here, `admin/${path}`, { token: admin.token, body });
  expect((await asAdmin('set-role', { userId: ada.id, role: 'admin' })).status).toBe(200);
  expect(await seen(byCookie)).toEqual(['admin', 'admin']);
  expect(await seen(byBearer)).toEqual(['admin', 'admin']);

  expect((await authCall(here, 'sign-out', { token: ada.token })).status).toBe(200);
  expect(await seen(byCookie)).toEqual([null, null]);

  const again = await authCall(here, 'sign-in/email', {
    body: { email: ada.email, password: ada.password },
  });
  const { token } = (await again.json()) as { token: string };
  expect(await seen({ authorization: `Bearer ${token}` })).toEqual(['admin', 'admin']);
  expect((await asAdmin('ban-user', { userId: ada.id })).status).toBe(200);
  expect(await seen({ authorization: `Bearer ${token}` })).toEqual([null, null]);
  const refused = await authCall(here, 'sign-in/email', {
    body: { email: ada.email, password: ada.password },
  });
  expect(refused.status).toBe(403);
});

test('a ban written behind the API has no session either, and ends when it says', async () => {
  await using app = await startTestServer();
  const ada = await app.signUp('ada');
  const ban = (until: string) =>
    runSql(
      app.databaseUrl,
      `update users set banned = true, ban_expires = ${until} where id = '${ada.id}'`,
    );
  await ban('null');
  await expect
    .poll(() => ada.client.project.list.query().catch((error: Error) => error.message))
    .toBe('Sign in first');
  await ban(`now() - interval '1 second'`);
  await expect
    .poll(() => ada.client.project.list.query().catch((error: Error) => error.message))
    .toEqual([]);
});

test('a sign-up cannot choose its role, its user name or its verification', async () => {
  await using app = await startTestServer();
  const response = await authCall(app, 'sign-up/email', {
    body: {
      email: 'eve@example.com',
      password: 'eve-password',
      name: 'Eve',
      role: 'admin',
      username: 'root',
      emailVerified: true,
      banned: false,
    },
  });
  const rows = await runSql(app.databaseUrl, 'select role, username, email_verified from users');
  if (response.ok) {
    expect(rows).toMatchObject([{ role: 'user', username: 'eve', email_verified: false }]);
  } else {
    expect(rows).toEqual([]);
  }
});

test('user names are the part before the @, made unique also in a race', async () => {
  await using app = await startTestServer();
  const hosts = ['a.example', 'b.example', 'c.example', 'd.example'];
  const responses = await Promise.all(
    hosts.map((host) =>
      authCall(app, 'sign-up/email', {
        body: { email: `Sam@${host}`, password: 'sam-password', name: 'Sam' },
      }),
    ),
  );
  expect(responses.map((response) => response.status)).toEqual([200, 200, 200, 200]);
  const rows = await runSql(app.databaseUrl, 'select username from users order by username');
  expect(rows.map((row) => row['username'])).toEqual(['sam', 'sam-2', 'sam-3', 'sam-4']);
});

test('one of two sign-ups with the same e-mail wins, and nothing is left of the other', async () => {
  await using app = await startTestServer();
  const body = { email: 'twin@example.com', password: 'twin-password', name: 'Twin' };
  const responses = await Promise.all([
    authCall(app, 'sign-up/email', { body }),
    authCall(app, 'sign-up/email', { body }),
  ]);
  expect(new Set(responses.map((response) => response.status))).toEqual(new Set([200, 422]));
  const counts = `select (select count(*) from users)::int as users,
    (select count(*) from accounts)::int as accounts, (select count(*) from sessions)::int as sessions`;
  expect(await runSql(app.databaseUrl, counts)).toEqual([{ users: 1, accounts: 1, sessions: 1 }]);
});

test('cookies are for scripts unreadable, for this site only, and usable on plain loopback', async () => {
  await using app = await startTestServer();
  const response = await authCall(app, 'sign-up/email', {
    body: { email: 'c@example.com', password: 'c-password', name: 'C' },
  });
  const [cookie] = response.headers.getSetCookie();
  expect(cookie).toMatch(/^greenroom\.session_token=/);
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  expect(cookie).not.toMatch(/Secure/);
  expect(response.headers.get('set-auth-token')).toContain('.');
});

test('another origin cannot sign in or out with a browser', async () => {
  await using app = await startTestServer();
  const ada = await app.signUp('ada');
  const signOut = (origin: string) =>
    fetch(`${app.url}/api/auth/sign-out`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: ada.cookie, origin },
      body: '{}',
    });
  expect((await signOut('https://evil.example')).status).toBe(403);
  expect(await ada.client.project.list.query()).toEqual([]);
  const { port } = new URL(app.url);
  expect((await signOut(`http://127.0.0.1:${port}`)).status).toBe(200);
});

test('a sign-out that the database refuses is not answered as done', async () => {
  await using app = await startTestServer();
  const ada = await app.signUp('ada');
  await runSql(
    app.databaseUrl,
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
     create trigger refuse before delete on sessions for each row execute function refuse()`,
  );
  const response = await authCall(app, 'sign-out', { cookie: ada.cookie });
  expect(response.status).toBe(503);
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(await ada.client.project.list.query()).toEqual([]);
  await runSql(app.databaseUrl, 'drop trigger refuse on sessions');
  expect((await authCall(app, 'sign-out', { cookie: ada.cookie })).status).toBe(200);
  await expect(ada.client.project.list.query()).rejects.toThrow('Sign in first');
});

test('a sign-out whose session the database cannot look up is not answered as done', async () => {
  await using app = await startTestServer();
  const ada = await app.signUp('ada');
  await runSql(app.databaseUrl, 'alter table sessions rename column ip_address to elsewhere');
  const response = await authCall(app, 'sign-out', { cookie: ada.cookie });
  expect(response.status).toBe(503);
  expect(response.headers.getSetCookie()).toEqual([]);
  await runSql(app.databaseUrl, 'alter table sessions rename column elsewhere to ip_address');
  expect(await ada.client.project.list.query()).toEqual([]);
  expect((await authCall(app, 'sign-out', { cookie: ada.cookie })).status).toBe(200);
  await expect(ada.client.project.list.query()).rejects.toThrow('Sign in first');
});

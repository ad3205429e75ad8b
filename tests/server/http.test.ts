import { expect, test } from 'vitest';
import { startStandIn } from './stand-in.ts';

const ECHO = 'echo?input=%7B%22json%22%3A%7B%22text%22%3A%22a%20secret%20prompt%22%7D%7D';

test('a sane request id is kept and echoed, another is replaced', async () => {
  await using server = await startStandIn();
  const send = async (id: string) =>
    (await fetch(`${server.url}/health/live`, { headers: { 'x-request-id': id } })).headers.get(
      'x-request-id',
    );
  expect(await send('trace-01:ab')).toBe('trace-01:ab');
  expect(await send('x'.repeat(65))).toMatch(/^[\da-f]{8}(-[\da-z]{7}){2}$/);
  expect(await send('a b"c')).toMatch(/^[\da-f]{8}(-[\da-z]{7}){2}$/);
});

test('the log has the request id, and neither inputs nor credentials', async () => {
  await using server = await startStandIn();
  await fetch(`${server.url}/trpc/${ECHO}`, {
    headers: {
      'x-request-id': 'the-id',
      authorization: 'Bearer very-secret-token',
      cookie: 'greenroom.session_token=very-secret-cookie',
    },
  });
  await fetch(`${server.url}/trpc/fail`, {
    headers: { authorization: 'Bearer very-secret-token' },
  });
  // A line is written when an answer has been sent, which its reader may know sooner.
  await expect
    .poll(() => server.lines)
    .toContainEqual(
      expect.objectContaining({ requestId: 'the-id', path: '/trpc/echo', status: 200 }),
    );
  await expect
    .poll(() => server.lines)
    .toContainEqual(expect.objectContaining({ path: '/trpc/fail', status: 500 }));
  const text = JSON.stringify(server.lines);
  expect(text).not.toMatch(/very-secret|secret%20prompt|secret prompt/);
});

test('the log redacts credentials even when a whole request is logged', async () => {
  await using server = await startStandIn();
  server.app.log.info(
    {
      headers: { authorization: 'Bearer x1', cookie: 'x2' },
      user: { password: 'x3', token: 'x4' },
    },
    'whole',
  );
  expect(JSON.stringify(server.lines)).not.toMatch(/x[1-4]\b/);
});

test('a cached hit is not logged, a miss at debug level, an uncached call at info', async () => {
  await using server = await startStandIn();
  const call = (input: object) =>
    fetch(`${server.url}/trpc/cached?input=${encodeURIComponent(JSON.stringify({ json: input }))}`);
  await (await call({ name: 'hit' })).text();
  await (await call({ name: 'miss', outcome: 'miss' })).text();
  await (await fetch(`${server.url}/trpc/${ECHO}`)).text();
  await (await fetch(`${server.url}/health/live`)).text();
  await expect
    .poll(() =>
      server.lines.filter((line) => 'path' in line).map((line) => [line['path'], line['level']]),
    )
    .toEqual([
      ['/trpc/cached', 20],
      ['/trpc/echo', 30],
    ]);
});

test('ready is 200 with a lease and 503 without; live is 200 either way', async () => {
  await using ready = await startStandIn();
  await using unready = await startStandIn({ ready: false });
  expect((await fetch(`${ready.url}/health/ready`)).status).toBe(200);
  expect((await fetch(`${unready.url}/health/ready`)).status).toBe(503);
  expect((await fetch(`${unready.url}/health/live`)).status).toBe(200);
});

test.each(['/', '/admin'])(
  '%s is a page with a root, under a policy that allows only itself',
  async (path) => {
    await using server = await startStandIn();
    const response = await fetch(server.url + path);
    const page = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page).toContain('<div id="root">');
    expect(page).not.toMatch(/<style|<script|style=|https?:\/\//);
    expect((await fetch(`${server.url}/landing.css`)).headers.get('content-type')).toContain('css');
  },
);

test('the sign-in library gets the request whole, and its cookies come back whole', async () => {
  await using server = await startStandIn({
    async authHandler(request) {
      const headers = new Headers([
        ['set-cookie', 'a=1; HttpOnly'],
        ['set-cookie', 'b=2; HttpOnly'],
      ]);
      return Response.json(
        {
          url: new URL(request.url).pathname,
          body: await request.json(),
          origin: request.headers.get('origin'),
        },
        { status: 201, headers },
      );
    },
  });
  const send = (headers: Record<string, string>) =>
    fetch(`${server.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email: 'a@b.c' }),
    });
  const response = await send({ origin: server.url });
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({
    url: '/api/auth/sign-in/email',
    body: { email: 'a@b.c' },
    origin: server.url,
  });
  expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2; HttpOnly']);
  const behindTls = await send({ 'x-forwarded-proto': 'https' });
  expect(behindTls.headers.getSetCookie()[0]).toBe('a=1; HttpOnly; Secure');
});

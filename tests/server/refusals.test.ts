import { expect, test } from 'vitest';
import { startStandIn, type StandIn } from './stand-in.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

async function change(server: StandIn, init: RequestInit): Promise<Response> {
  return fetch(`${server.url}/trpc/change`, { method: 'POST', ...init });
}

interface TrpcError {
  error: { json: { message: string; data: { code: string; path?: string } } };
}

async function errorOf(response: Response): Promise<TrpcError['error']['json']> {
  return ((await response.json()) as TrpcError).error.json;
}

test('a body over 1 MB gets a tRPC error PAYLOAD_TOO_LARGE', async () => {
  await using server = await startStandIn();
  const body = JSON.stringify({ json: { name: 'x'.repeat(2 ** 20) } });
  const response = await change(server, { headers: JSON_TYPE, body });
  expect(response.status).toBe(413);
  expect((await errorOf(response)).data).toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    path: 'change',
  });
});

test('a body that is not JSON gets BAD_REQUEST, one of another type UNSUPPORTED_MEDIA_TYPE', async () => {
  await using server = await startStandIn();
  const broken = await change(server, { headers: JSON_TYPE, body: '{"json":' });
  expect([broken.status, (await errorOf(broken)).data.code]).toEqual([400, 'BAD_REQUEST']);
  for (const type of [
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
  ]) {
    const other = await change(server, { headers: { 'content-type': type }, body: 'x' });
    expect([other.status, (await errorOf(other)).data.code]).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
  }
});

test('an unknown procedure gets a tRPC error NOT_FOUND, an unknown path a JSON 404', async () => {
  await using server = await startStandIn();
  const procedure = await fetch(`${server.url}/trpc/nothing.here`);
  expect([procedure.status, (await errorOf(procedure)).data.code]).toEqual([404, 'NOT_FOUND']);
  for (const path of ['/nothing', '/trpc', '/trpc/a/b', '/landing.css/../../package.json']) {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  }
});

test('a batch over the limit is refused as a whole', async () => {
  await using server = await startStandIn();
  const paths = Array<string>(101).fill('members').join(',');
  const response = await fetch(`${server.url}/trpc/${paths}?batch=1&input=%7B%7D`);
  expect(response.status).toBe(400);
});

test('a URL that cannot be decoded gets 400 and nothing of the inside', async () => {
  await using server = await startStandIn();
  for (const path of ['/trpc/%E0%A4%A', '/%E0%A4%A']) {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toMatch(/node_modules|\.ts|at /);
  }
});

test('errors of the adapter itself carry no stack', async () => {
  await using server = await startStandIn();
  const responses = await Promise.all([
    change(server, { headers: JSON_TYPE, body: '{' }),
    fetch(`${server.url}/trpc/echo?input=%7B`),
    fetch(`${server.url}/trpc/echo,echo?batch=1&input=5`),
  ]);
  for (const response of responses) {
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toMatch(/node_modules|\.ts:|    at /);
  }
});

test('another site cannot change anything with the cookie of a signed-in browser', async () => {
  await using server = await startStandIn({ trusted: ['https://studio.example.com'] });
  const cookie = 'greenroom.session_token=anything';
  const body = JSON.stringify({ json: { name: 'x' } });
  const from = (headers: Record<string, string>) =>
    change(server, { headers: { ...JSON_TYPE, cookie, ...headers }, body });

  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const response = await from(headers);
    expect([headers, response.status]).toEqual([headers, 403]);
    expect((await errorOf(response)).data.code).toBe('FORBIDDEN');
  }

  const { port } = new URL(server.url);
  for (const origin of [
    `http://localhost:${port}`,
    `http://127.0.0.1:${port}`,
    `http://[::1]:${port}`,
    'https://studio.example.com',
  ]) {
    expect((await from({ origin })).status).toBe(200);
  }
  expect((await from({})).status).toBe(200);
  expect((await from({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  expect((await from({ origin: `http://localhost:${Number(port) + 1}` })).status).toBe(403);
});

test('CORS lets trusted origins in, with credentials, and nobody else', async () => {
  await using server = await startStandIn({ trusted: ['https://studio.example.com'] });
  const ask = (origin: string) =>
    fetch(`${server.url}/trpc/change`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
  const trusted = await ask('https://studio.example.com');
  expect(trusted.headers.get('access-control-allow-origin')).toBe('https://studio.example.com');
  expect(trusted.headers.get('access-control-allow-credentials')).toBe('true');
  const stranger = await ask('https://evil.example');
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull();

  const read = await fetch(
    `${server.url}/trpc/echo?input=%7B%22json%22%3A%7B%22text%22%3A%22a%22%7D%7D`,
    {
      headers: { origin: 'https://studio.example.com' },
    },
  );
  expect(read.headers.get('vary')).toContain('Origin');
  expect(read.headers.get('access-control-expose-headers')).toContain('cache-status');
});

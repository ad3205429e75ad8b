/** `/api/personality/:username/cache`: the envelope, and all that it shares with tRPC. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestPerson, type TestServer } from '../fixtures/server.ts';

let app: TestServer;
let owner: TestPerson;
let other: TestPerson;

beforeAll(async () => {
  app = await startTestServer();
  [owner, other] = [await app.signUp('owner'), await app.signUp('other')];
});
afterAll(() => app[Symbol.asyncDispose]());

const nameOf = (person: TestPerson) => person.email.split('@')[0] ?? '';

interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly of?: TestPerson;
  readonly server?: TestServer;
}

async function ask(as: TestPerson | undefined, asking: Asking = {}) {
  const { method = 'GET', body, headers = {}, of = as ?? owner, server = app } = asking;
  const response = await fetch(`${server.url}/api/personality/${nameOf(of)}/cache`, {
    method,
    headers: {
      ...(as ? { authorization: `Bearer ${as.token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = (text === '' ? {} : JSON.parse(text)) as {
    success?: boolean;
    data?: Record<string, unknown>;
    error?: { code: string; message: string; issues?: { field: string }[] };
    metadata?: { timestamp: string; requestId: string };
  };
  return { status: response.status, headers: response.headers, ...answer };
}

const post = (as: TestPerson, body: unknown, headers = {}) =>
  ask(as, { method: 'POST', body, headers });

describe('the envelope', () => {
  it('holds the data, the time and the request id', async () => {
    const before = Date.now();
    const { status, headers, ...answer } = await ask(owner, {
      headers: { 'x-request-id': 'mine-1' },
    });
    expect(status).toBe(200);
    expect(answer).toEqual({
      success: true,
      data: {
        status: 'missing',
        analysis: null,
        tunedTraits: {},
        version: 0,
        updatedAt: null,
        freshUntil: null,
      },
      metadata: { timestamp: expect.any(String), requestId: 'mine-1' },
    });
    expect(Date.parse(answer.metadata!.timestamp)).toBeGreaterThanOrEqual(before);
    expect(headers.get('x-request-id')).toBe('mine-1');
  });

  it('says what is wrong with an input, by field', async () => {
    const { status, success, error, metadata } = await post(owner, {
      analysis: { traits: { warmth: 2 } },
    });
    expect({ status, success, code: error?.code }).toEqual({
      status: 400,
      success: false,
      code: 'BAD_REQUEST',
    });
    expect(error?.issues?.[0]?.field).toBe('analysis.traits.warmth');
    expect(metadata?.requestId).toBeTruthy();
  });

  it.each([
    ['no JSON', '{"analysis":', 400, 'BAD_REQUEST'],
    ['a prototype', '{"__proto__":{"admin":true}}', 400, 'BAD_REQUEST'],
    ['nothing of the kind', '7', 400, 'BAD_REQUEST'],
    [
      'more than 1 MB',
      JSON.stringify({ analysis: { tone: 'x'.repeat(2 ** 20) } }),
      413,
      'PAYLOAD_TOO_LARGE',
    ],
  ])('has the same shape for a body that is %s', async (_what, body, status, code) => {
    const answer = await post(owner, body);
    expect({ status: answer.status, code: answer.error?.code, success: answer.success }).toEqual({
      status,
      code,
      success: false,
    });
  });

  it('refuses a body that is not JSON', async () => {
    const answer = await post(owner, 'analysis=1', { 'content-type': 'text/plain' });
    expect(answer).toMatchObject({ status: 415, error: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });
});

describe('the same sign-in', () => {
  it.each(['GET', 'POST', 'DELETE'])('%s answers 401 signed out', async (method) => {
    const body = method === 'POST' ? { analysis: {} } : undefined;
    expect(await ask(undefined, { method, body })).toMatchObject({
      status: 401,
      success: false,
      error: { code: 'UNAUTHORIZED' },
    });
  });

  it.each(['GET', 'POST', 'DELETE'])("%s of another's is as for no user at all", async (method) => {
    const body = method === 'POST' ? { analysis: {} } : undefined;
    const anothers = await ask(owner, { method, body, of: other });
    const nobodys = await ask(owner, { method, body, of: { ...other, email: 'nobody@x' } });
    expect(anothers).toMatchObject({ status: 404, success: false, error: { code: 'NOT_FOUND' } });
    expect(anothers.error).toEqual(nobodys.error);
  });

  it('takes the cookie, and then only from a trusted origin', async () => {
    const cookie = { cookie: owner.cookie };
    expect(await ask(undefined, { headers: cookie })).toMatchObject({ status: 200 });
    const crossSite = { ...cookie, origin: 'https://elsewhere.example' };
    expect(await ask(undefined, { method: 'DELETE', headers: crossSite })).toMatchObject({
      status: 403,
      success: false,
      error: { code: 'FORBIDDEN' },
    });
  });
});

describe('the same cache', () => {
  it('answers a second read from it, and a write ends it, also one by tRPC', async () => {
    const person = await app.signUp('reader');
    expect((await ask(person)).headers.get('cache-status')).toMatch(/^greenroom; fwd=miss/);
    const hit = await ask(person);
    expect(hit.headers.get('cache-status')).toMatch(/^greenroom; hit; ttl=\d+; detail=l1/);
    await person.client.personality.save.mutate({ analysis: { tone: 'dry' } });
    const changed = await ask(person);
    expect(changed.data).toMatchObject({ status: 'fresh', version: 1, analysis: { tone: 'dry' } });
    expect(await person.client.personality.get.query()).toMatchObject({
      ...changed.data,
      updatedAt: new Date(String(changed.data?.['updatedAt'])),
      freshUntil: new Date(String(changed.data?.['freshUntil'])),
    });
  });

  it('says of itself to HEAD what it says to GET', async () => {
    const person = await app.signUp('head');
    const got = await ask(person);
    const told = await ask(person, { method: 'HEAD' });
    expect(told.status).toBe(200);
    for (const name of ['etag', 'cache-control', 'content-type', 'vary']) {
      expect(told.headers.get(name)).toBe(got.headers.get(name));
    }
    expect(told.headers.get('cache-status')).toMatch(/^greenroom; hit/);
  });

  it('answers 304 to who has it already', async () => {
    const person = await app.signUp('validator');
    const etag = (await ask(person)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    expect(await ask(person, { headers: { 'if-none-match': etag } })).toMatchObject({
      status: 304,
    });
    await post(person, { analysis: { tone: 'dry' } });
    expect(await ask(person, { headers: { 'if-none-match': etag } })).toMatchObject({
      status: 200,
    });
  });
});

describe('saving and deleting', () => {
  it('are those of tRPC: versions, conflicts, deletion', async () => {
    const person = await app.signUp('saver');
    const analysis = { traits: { warmth: 0.5 }, interests: ['light'] };
    expect((await post(person, { analysis })).data).toEqual({ changed: true, version: 1 });
    expect((await post(person, { analysis })).data).toEqual({ changed: false, version: 1 });
    expect(await post(person, { analysis: { tone: 'dry' }, expectedVersion: 3 })).toMatchObject({
      status: 409,
      success: false,
      error: { code: 'CONFLICT' },
    });
    const gone = await ask(person, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
    });
    expect(gone).toMatchObject({ status: 200, success: true, data: { ok: true } });
    expect((await ask(person)).data).toMatchObject({ status: 'missing' });
  });
});

describe('the limit', () => {
  it('counts every call, reads too, and each once', async () => {
    await using limited = await startTestServer({ env: { RATE_LIMIT_PER_MINUTE: '3' } });
    const person = await limited.signUp('hasty');
    const read = () => ask(person, { server: limited });
    expect((await read()).headers.get('ratelimit')).toMatch(/"calls";r=2;/);
    const save = { method: 'POST', body: { analysis: { tone: 'dry' } }, server: limited };
    expect((await ask(person, save)).headers.get('ratelimit')).toMatch(/"calls";r=1;/);
    expect((await read()).status).toBe(200);
    const refused = await read();
    expect(refused).toMatchObject({
      status: 429,
      success: false,
      error: { code: 'TOO_MANY_REQUESTS' },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

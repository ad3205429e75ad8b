import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import {
  createGreenroomClient,
  GreenroomAuthError,
  type CacheReport,
  type GreenroomClientOptions,
} from '../../src/client/index.ts';
import { startTestServer, type TestPerson, type TestServer } from '../fixtures/server.ts';

let app: TestServer;
let ada: TestPerson;

beforeAll(async () => {
  app = await startTestServer();
  ada = await app.signUp('ada');
});

afterAll(() => app[Symbol.asyncDispose]());

const TSX = 'export default function Scene() { return <p>Hello</p>; }';

/** A client whose requests are listed, and fail as told: first come, first failed. */
function observed(
  failures: (() => Promise<Response>)[] = [],
  options: Partial<GreenroomClientOptions> = {},
) {
  const requests: { method: string; url: URL; init: RequestInit }[] = [];
  const client = createGreenroomClient({
    url: app.url,
    token: ada.token,
    retry: { delayMs: 1 },
    fetch: (input, init = {}) => {
      const { url } = new Request(input);
      requests.push({ method: init.method ?? 'GET', url: new URL(url), init });
      return failures.shift()?.() ?? fetch(input, init);
    },
    ...options,
  });
  return { client, requests };
}

const broken = () => Promise.reject(new TypeError('fetch failed'));
const unavailable = async () => new Response('<h1>Bad gateway</h1>', { status: 502 });

test('answers have the types of the router, and their dates are dates', async () => {
  const { client } = observed();
  const project = await client.project.create.mutate({ name: 'Typed' });
  expectTypeOf(project.createdAt).toEqualTypeOf<Date>();
  expectTypeOf(client.scene.list.query).parameter(0).toEqualTypeOf<{ projectId: string }>();
  expect(project.createdAt).toBeInstanceOf(Date);
  const projects = await client.project.list.query();
  expect(projects.find(({ id }) => id === project.id)?.createdAt).toEqual(project.createdAt);
});

test('calls of one tick travel together, queries by GET and mutations by POST', async () => {
  const { client, requests } = observed();
  await Promise.all([client.project.list.query(), client.project.list.query()]);
  await Promise.all([
    client.project.create.mutate({ name: 'A' }),
    client.project.create.mutate({ name: 'B' }),
  ]);
  expect(requests.map(({ method, url }) => [method, url.pathname])).toEqual([
    ['GET', '/trpc/project.list,project.list'],
    ['POST', '/trpc/project.create,project.create'],
  ]);
});

test('a query with a long input travels by POST, and a batch that would be too long is split', async () => {
  const { client, requests } = observed();
  const project = await client.project.create.mutate({ name: 'Long' });
  const scene = await client.scene.create.mutate({
    projectId: project.id,
    name: 'One',
    type: 'title',
    tsxCode: TSX,
  });
  requests.length = 0;
  const props = { text: 'ä'.repeat(2_000) };
  const built = await client.component.build.query({
    projectId: project.id,
    sceneId: scene.id,
    props,
  });
  expect(built.success).toBe(true);
  expect(requests.map(({ method }) => method)).toEqual(['POST']);

  requests.length = 0;
  await Promise.all(
    Array.from({ length: 60 }, () => client.scene.list.query({ projectId: project.id })),
  );
  expect(requests.length).toBeGreaterThan(1);
  for (const { url } of requests) expect(url.href.length).toBeLessThanOrEqual(4_000);
});

test('each answer tells what the cache said about it, by itself and by a callback', async () => {
  const reports: CacheReport[] = [];
  const { client } = observed([], { onCache: (report) => reports.push(report) });
  const project = await client.project.create.mutate({ name: 'Told' });
  const input = { projectId: project.id };
  const cold = await client.scene.list.query(input);
  const [warm, other] = await Promise.all([
    client.scene.list.query(input),
    client.project.byId.query(input),
  ]);
  expect(client.cacheOf(cold)).toMatchObject({ hit: false });
  expect(client.cacheOf(warm)).toMatchObject({ hit: true });
  expect(client.cacheOf(warm)?.deps).toEqual(client.cacheOf(cold)?.deps);
  expect(client.cacheOf(other)?.deps).not.toEqual(client.cacheOf(cold)?.deps);
  expect(client.cacheOf(project)).toBeUndefined();
  expect(client.cacheOf([...cold])).toBeUndefined();
  expect(reports.map(({ path, hit }) => [path, hit])).toEqual([
    ['scene.list', false],
    ['scene.list', true],
    ['project.byId', false],
  ]);
  expect(reports[0]).toMatchObject({ input, deps: client.cacheOf(cold)?.deps });
});

test('a query that failed on the way is tried again, three times at most', async () => {
  const twice = observed([broken, unavailable]);
  expect(await twice.client.project.list.query()).toBeInstanceOf(Array);
  expect(twice.requests).toHaveLength(3);

  const always = observed([broken, broken, broken, broken]);
  await expect(always.client.project.list.query()).rejects.toThrow('fetch failed');
  expect(always.requests).toHaveLength(3);
});

test('a mutation is never tried again', async () => {
  for (const failure of [broken, unavailable]) {
    const { client, requests } = observed([failure]);
    await expect(client.project.create.mutate({ name: 'Once' })).rejects.toThrow();
    expect(requests).toHaveLength(1);
  }
});

test('a refusal is not tried again', async () => {
  const { client, requests } = observed();
  const projectId = crypto.randomUUID();
  await expect(client.scene.list.query({ projectId })).rejects.toMatchObject({
    data: { code: 'NOT_FOUND' },
  });
  expect(requests).toHaveLength(1);
});

test('an aborted call ends, and is not tried again', async () => {
  const abort = new AbortController();
  const { client, requests } = observed([
    async () => {
      abort.abort();
      throw new DOMException('aborted', 'AbortError');
    },
  ]);
  await expect(client.project.list.query(undefined, { signal: abort.signal })).rejects.toThrow();
  expect(requests).toHaveLength(1);
});

test('sign-up, sign-in and sign-out outside of a browser keep a bearer token', async () => {
  const client = createGreenroomClient({ url: `${app.url}/` });
  const email = `new-${crypto.randomUUID()}@example.com`;
  expect(await client.auth.session()).toBeNull();

  const { user } = await client.auth.signUp.email({ email, password: 'new-password', name: 'New' });
  expect(user).toMatchObject({ email, role: 'user', username: email.split('@')[0] });
  expect(await client.project.list.query()).toEqual([]);
  expect(await client.auth.session()).toMatchObject({
    user: { id: user.id },
    session: { expiresAt: expect.any(Date) },
  });

  await client.auth.signOut();
  await expect(client.project.list.query()).rejects.toMatchObject({
    data: { code: 'UNAUTHORIZED' },
  });
  const { token } = await client.auth.signIn.email({ email, password: 'new-password' });
  const other = createGreenroomClient({ url: app.url, token });
  expect(await other.project.list.query()).toEqual([]);
});

test('a refused sign-in says why, with a code', async () => {
  const client = createGreenroomClient({ url: app.url });
  const error = await client.auth.signIn
    .email({ email: ada.email, password: 'wrong' })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(GreenroomAuthError);
  expect(error).toMatchObject({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' });
});

test('with cookies it sends them, and holds no token that a script could read', async () => {
  const { client, requests } = observed([], { session: 'cookie' });
  await client.auth.signIn.email({ email: ada.email, password: ada.password });
  await client.project.list.query().catch(() => undefined);
  for (const { init } of requests) {
    expect(init.credentials).toBe('include');
    expect(new Headers(init.headers).get('authorization')).toBeNull();
  }
});

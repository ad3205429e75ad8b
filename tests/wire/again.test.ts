/**
 * The same bytes again over a kept connection, which the studio answers around Node's HTTP and without
 * asking who it is, what is asked and whether they may: until any of that changes.
 */
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, request } from 'node:http';
import { expect, test } from 'vitest';
import { startTestServer, type TestPerson, type TestServer } from '../fixtures/server.ts';

const NODE_READS = 'http.server.request.start';
/** More than is leased to a caller at once, so that some go another way. */
const TIMES = 5;

interface Got {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** One connection, and how many of its requests Node has read. */
function openConnection(server: TestServer) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let readByNode = 0;
  const count = (): void => void (readByNode += 1);
  expect(channel(NODE_READS).hasSubscribers).toBe(false);
  subscribe(NODE_READS, count);
  const ask = (path: string, headers: Record<string, string>): Promise<Got> =>
    new Promise((resolve, reject) => {
      request(`${server.url}${path}`, { agent, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, body, headers: response.headers }),
        );
      })
        .on('error', reject)
        .end();
    });
  return {
    ask,
    /** The last of some, and how many of all Node has read. */
    async askOften(path: string, headers: Record<string, string>) {
      readByNode = 0;
      let got!: Got;
      for (let times = 0; times < TIMES; times += 1) got = await ask(path, headers);
      return { ...got, readByNode };
    },
    [Symbol.dispose]() {
      unsubscribe(NODE_READS, count);
      agent.destroy();
    },
  };
}

const input = (json: unknown) => encodeURIComponent(JSON.stringify(json));

async function openScene(owner: TestPerson) {
  const { id: projectId } = await owner.client.project.create.mutate({ name: 'Again' });
  const scene = { projectId, name: 'One', type: 'intro', tsxCode: 'export default () => <p/>;' };
  const { id: sceneId } = await owner.client.scene.create.mutate(scene);
  const one = { json: { projectId, sceneId } };
  return {
    projectId,
    sceneId,
    single: `/trpc/scene.byId?input=${input(one)}`,
    batch: `/trpc/scene.byId,scene.list?batch=1&input=${input({ 0: one, 1: { json: { projectId } } })}`,
  };
}

test.each(['single', 'batch'] as const)(
  'a %s is answered around Node, and a write is in the very next answer',
  async (kind) => {
    await using server = await startTestServer();
    const owner = await server.signUp('owner');
    const scene = await openScene(owner);
    const headers = { cookie: owner.cookie };
    using connection = openConnection(server);
    const before = await connection.askOften(scene[kind], headers);
    expect(before).toMatchObject({ status: 200 });
    expect(before.readByNode).toBeLessThanOrEqual(2);
    for (let version = 0; version < 20; version += 1) {
      const name = `Name ${version}`;
      await owner.client.scene.update.mutate({ ...scene, name });
      const first = await connection.ask(scene[kind], headers);
      expect(first.body).toContain(name);
      expect((await connection.ask(scene[kind], headers)).body).toContain(name);
    }
  },
);

test('each of them counts as a hit of all that it was found by, and against the limit', async () => {
  const limit = 200;
  await using server = await startTestServer({
    env: { RATE_LIMIT_READS_PER_MINUTE: String(limit) },
  });
  const owner = await server.signUp('owner');
  const scene = await openScene(owner);
  const headers = { cookie: owner.cookie };
  const hitsOf = (wanted: string): number =>
    server.services.cache.report().caches.find(({ name }) => name === wanted)?.l1Hits ?? 0;
  using connection = openConnection(server);
  await connection.askOften(scene.single, headers);
  const caches = ['sessions', 'memberships', 'scene.byId'];
  const before = caches.map(hitsOf);
  const left = ({ headers: said }: Got): number =>
    Number(/"reads";r=(\d+)/.exec(String(said['ratelimit']))?.[1]);
  const first = await connection.ask(scene.single, headers);
  const { readByNode, ...last } = await connection.askOften(scene.single, headers);
  expect(readByNode).toBe(0);
  expect(caches.map(hitsOf)).toEqual(before.map((hits) => hits + 1 + TIMES));
  expect(left(first) - left(last)).toBe(TIMES);
  let status = 200;
  for (let asked = 0; asked < limit && status === 200; asked += 1) {
    ({ status } = await connection.ask(scene.single, headers));
  }
  expect(status).toBe(429);
});

test('who signs out, or loses access, gets nothing by the same bytes, not even a 304', async () => {
  await using server = await startTestServer();
  const { owner, viewer } = await server.people();
  const scene = await openScene(owner);
  const { projectId } = scene;
  await owner.client.project.addMember.mutate({ projectId, email: viewer.email, role: 'viewer' });
  using connection = openConnection(server);
  const asViewer = { cookie: viewer.cookie };
  const { headers } = await connection.askOften(scene.single, asViewer);
  const known = { ...asViewer, 'if-none-match': String(headers['etag']) };
  expect(await connection.askOften(scene.single, known)).toMatchObject({ status: 304, body: '' });
  await owner.client.project.removeMember.mutate({ projectId, userId: viewer.id });
  expect((await connection.ask(scene.single, asViewer)).status).toBe(404);
  expect((await connection.ask(scene.single, known)).status).toBe(404);

  const asOwner = { cookie: owner.cookie };
  expect((await connection.askOften(scene.single, asOwner)).status).toBe(200);
  await owner.client.auth.signOut();
  expect((await connection.ask(scene.single, asOwner)).status).toBe(401);
});

test('a cache that is switched off, and on again, is asked as ever', async () => {
  await using server = await startTestServer();
  const owner = await server.signUp('owner');
  const scene = await openScene(owner);
  const headers = { authorization: `Bearer ${owner.token}` };
  using connection = openConnection(server);
  const statusOf = async () =>
    (await connection.ask(scene.single, headers)).headers['cache-status'];
  await connection.askOften(scene.single, headers);
  expect(await statusOf()).toContain('; hit; ');
  for (const name of [undefined, 'scene.byId', 'memberships', 'sessions']) {
    server.services.cache.setEnabled(name, false);
    const { status, headers: said } = await connection.ask(scene.single, headers);
    expect(status).toBe(200);
    expect(String(said['cache-status'])).not.toContain(name === undefined ? 'hit' : 'fwd=bypass');
    server.services.cache.setEnabled(name, true);
    await statusOf();
    expect(await statusOf()).toContain('; hit; ');
  }
});

test('two people on one connection, as behind a proxy, get each their own', async () => {
  await using server = await startTestServer();
  const people = await Promise.all(['ada', 'bob'].map((name) => server.signUp(name)));
  for (const { client } of people) await client.project.create.mutate({ name: 'Own' });
  using connection = openConnection(server);
  const ids: string[] = [];
  for (const { cookie } of [...people, ...people]) {
    const { body, status } = await connection.askOften('/trpc/project.list', { cookie });
    expect(status).toBe(200);
    ids.push(
      (JSON.parse(body) as { result: { data: { json: [{ id: string }] } } }).result.data.json[0].id,
    );
  }
  expect(ids.slice(0, 2)).toEqual(ids.slice(2));
  expect(new Set(ids).size).toBe(2);
});

/**
 * The studio's API, asked of the wire path and of the official adapter: every procedure, good and
 * bad input, everybody who may ask, single calls and batches, as text and through tRPC's own links.
 */
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink } from '@trpc/client';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyProcedure } from '@trpc/server';
import { appRouter, type AppRouter } from '../../src/api/app-router.ts';
import { startTestServer, type TestPerson, type TestServer } from '../fixtures/server.ts';
import { ask, comparable, official, type Got } from './both-ways.ts';

/** Every cached procedure; those of the studio's projects, which have most to check, more often. */
const CACHED = Object.entries(
  appRouter._def.procedures as unknown as Record<string, AnyProcedure>,
).flatMap(([path, { _def }]) => ((_def.meta as { kind?: string }).kind === 'cached' ? [path] : []));
const OFTEN = ['project.list', 'project.byId', 'scene.list', 'scene.byId'];
const QUERIES = [...CACHED, ...OFTEN, ...OFTEN];
const UNCACHED = ['project.open', 'admin.cacheStats', 'nothing.here'];
const REQUESTS_MIN = 500;

let server: TestServer;
let people: Record<'owner' | 'editor' | 'viewer' | 'outsider' | 'admin', TestPerson>;
let projectId: string;
const sceneIds: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  people = await server.people();
  ({ id: projectId } = await people.owner.client.project.create.mutate({ name: 'Wire' }));
  for (const text of ['short', 'long and longer '.repeat(300), 'é💡'.repeat(20)]) {
    const { id } = await people.owner.client.scene.create.mutate({
      projectId,
      name: text.slice(0, 50),
      type: 'intro',
      tsxCode: `export default () => <p>${text}</p>;`,
    });
    sceneIds.push(id);
  }
  for (const role of ['editor', 'viewer'] as const) {
    const { email } = people[role];
    await people.owner.client.project.addMember.mutate({ projectId, email, role });
  }
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

/** Deterministic: the same requests in each run. */
function* choices(seed: number): Generator<number, never, number> {
  let state = seed;
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

function inputs(): unknown[] {
  const good = sceneIds.map((sceneId) => ({ projectId, sceneId }));
  const absent = { projectId, sceneId: crypto.randomUUID() };
  const wrong = [
    undefined,
    null,
    'text',
    {},
    { projectId: 1 },
    { projectId: 'no id', sceneId: '' },
  ];
  const elsewhere = { projectId: crypto.randomUUID(), sceneId: sceneIds[0] };
  const others = [
    { name: 'elara' },
    { name: 'nobody' },
    { projectId, limit: 3 },
    { conversationId: crypto.randomUUID() },
  ];
  return [...good, ...good, ...good, ...others, absent, elsewhere, ...wrong];
}

function credentials(): Record<string, string>[] {
  const { owner, viewer, outsider, admin } = people;
  const [name, value] = owner.cookie.split('=', 2) as [string, string];
  return [
    { cookie: owner.cookie },
    { authorization: `Bearer ${owner.token}` },
    { authorization: `Bearer ${viewer.token}` },
    { cookie: outsider.cookie },
    { authorization: `Bearer ${admin.token}` },
    {},
    { cookie: `${name}=${value.slice(0, -8)}AAAAAAAA` },
    { authorization: `Bearer ${owner.token.slice(1)}x` },
  ];
}

describe('the wire path and the official adapter', () => {
  test(`answer ${REQUESTS_MIN} generated requests alike`, { timeout: 120_000 }, async () => {
    const random = choices(20);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next().value * from.length)]!;
    const encodings = [
      {},
      {},
      { 'accept-encoding': 'gzip, deflate, br' },
      { 'accept-encoding': 'gzip' },
    ];
    const by = { wire: 0, official: 0 };
    let etag = '"none"';
    for (let n = 0; n < REQUESTS_MIN; n += 1) {
      const headers: Record<string, string> = { ...pick(credentials()), ...pick(encodings) };
      const count = pick([1, 1, 1, 2, 5]);
      const calls = Array.from({ length: count }, () => ({
        path: random.next().value < 0.05 ? pick(UNCACHED) : pick(QUERIES),
        json: pick(inputs()),
      }));
      if (random.next().value < 0.3) headers['if-none-match'] = etag;
      const paths = calls.map(({ path }) => path).join(',');
      const batch = count > 1 || random.next().value < 0.2;
      // `project.list` takes no input; half of the time it gets one all the same.
      const sent = calls.map(({ path, json }) =>
        path === 'project.list' && random.next().value < 0.5 ? undefined : { json },
      );
      const given = batch ? Object.fromEntries(sent.entries()) : sent[0];
      const query =
        given === undefined ? '' : `&input=${encodeURIComponent(JSON.stringify(given))}`;
      const path = `/trpc/${paths}?${batch ? 'batch=1' : ''}${query}`
        .replace('?&', '?')
        .replace(/\?$/, '');
      // What is loaded meanwhile would differ in nothing but the time at which it was stored.
      await ask(server.url, { path: official(path), headers });
      const ours = await ask(server.url, { path, headers });
      const theirs = await ask(server.url, { path: official(path), headers });
      by[ours.by] += 1;
      if (paths.includes('admin.cacheStats')) expect(ours.status).toBe(theirs.status);
      else expect(comparable(ours), `${n}: ${path}`).toEqual(comparable(theirs));
      if (ours.headers.etag) ({ etag } = ours.headers as { etag: string });
    }
    expect(CACHED.length).toBeGreaterThan(10);
    expect(by.wire).toBeGreaterThan(REQUESTS_MIN / 2);
    expect(by.official).toBeGreaterThan(10);
  });

  test.each([
    ['httpLink', httpLink],
    ['httpBatchLink', httpBatchLink],
    ['httpBatchStreamLink', httpBatchStreamLink],
  ] as const)('give the same values and errors through %s', async (_name, link) => {
    const answersTo = async (who: TestPerson | undefined, byWire: boolean) => {
      const client = createTRPCClient<AppRouter>({
        links: [
          (link as typeof httpLink)({
            url: `${server.url}/trpc`,
            transformer: superjson,
            headers: who ? { authorization: `Bearer ${who.token}` } : {},
            fetch: (url, init) =>
              fetch(byWire ? url : official(url as string), init as RequestInit | undefined),
          }),
        ],
      });
      const sceneId = sceneIds[0]!;
      const answers = await Promise.allSettled([
        client.project.list.query(),
        client.project.byId.query({ projectId }),
        client.scene.list.query({ projectId }),
        client.scene.byId.query({ projectId, sceneId }),
        client.scene.byId.query({ projectId, sceneId: crypto.randomUUID() }),
        client.scene.byId.query({ projectId: 'no id', sceneId }),
        client.component.build.query({ projectId, sceneId }),
        client.project.open.query({ projectId }),
      ]);
      return answers.map((answer) => {
        if (answer.status === 'fulfilled') return answer.value;
        const { message, data } = answer.reason as { message: string; data: object };
        return { message, data: { ...data, requestId: '' } };
      });
    };
    for (const who of [people.owner, people.viewer, people.outsider, undefined]) {
      const theirs = await answersTo(who, false);
      expect(await answersTo(who, true)).toEqual(theirs);
    }
  });

  test('who lost access, or signed out, gets nothing, not even a 304', async () => {
    const { owner } = people;
    const guest = await server.signUp('guest');
    await owner.client.project.addMember.mutate({ projectId, email: guest.email, role: 'viewer' });
    const path = `/trpc/scene.list?input=${encodeURIComponent(JSON.stringify({ json: { projectId } }))}`;
    const as = (headers: Record<string, string>): Promise<Got> =>
      ask(server.url, { path, headers });
    const seen = await as({ cookie: guest.cookie });
    expect([seen.status, seen.by]).toEqual([200, 'wire']);
    const etag = seen.headers.etag ?? '';
    const again = { cookie: guest.cookie, 'if-none-match': etag };
    expect((await as(again)).status).toBe(304);
    await owner.client.project.removeMember.mutate({ projectId, userId: guest.id });
    const removed = await as(again);
    expect([removed.status, removed.by]).toEqual([404, 'wire']);
    expect(removed.body).not.toContain('tsxCode');

    await owner.client.project.addMember.mutate({ projectId, email: guest.email, role: 'viewer' });
    expect((await as(again)).status).toBe(304);
    await guest.client.auth.signOut();
    const out = await as(again);
    expect([out.status, out.by]).toEqual([401, 'wire']);
    expect((await as({ 'if-none-match': etag })).status).toBe(401);
  });

  test('after a mutation has returned, no parallel read on the wire is old', async () => {
    const { owner, viewer } = people;
    const sceneId = sceneIds[0]!;
    const input = encodeURIComponent(JSON.stringify({ json: { projectId, sceneId } }));
    const single = `/trpc/scene.byId?input=${input}`;
    const both = encodeURIComponent(
      JSON.stringify({ 0: { json: { projectId, sceneId } }, 1: { json: { projectId } } }),
    );
    const batch = `/trpc/scene.byId,scene.list?batch=1&input=${both}`;
    for (let round = 0; round < 20; round += 1) {
      const name = `round ${round}.`;
      const before = Array.from({ length: 10 }, () =>
        ask(server.url, { path: single, headers: { cookie: owner.cookie } }),
      );
      await owner.client.scene.update.mutate({ projectId, sceneId, name });
      const reads = await Promise.all(
        Array.from({ length: 30 }, (_, n) => {
          const { cookie } = n % 2 ? owner : viewer;
          return ask(server.url, { path: n % 3 ? single : batch, headers: { cookie } });
        }),
      );
      for (const { body, by } of reads) {
        expect(by).toBe('wire');
        expect(body).toContain(`"name":"${name}"`);
      }
      await Promise.all(before);
    }
  });

  test('another user, and another project, never gets the bytes of the first', async () => {
    const { owner, outsider } = people;
    const path = '/trpc/project.list';
    const mine = await ask(server.url, { path, headers: { cookie: owner.cookie } });
    const theirs = await ask(server.url, { path, headers: { cookie: outsider.cookie } });
    expect([mine.by, theirs.by]).toEqual(['wire', 'wire']);
    expect(mine.body).toContain(projectId);
    expect(theirs.body).not.toContain(projectId);
    expect(theirs.headers.vary).toMatch(/^Cookie, Authorization/);
  });
});

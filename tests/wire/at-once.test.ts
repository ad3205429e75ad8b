/** Hits that the wire path answers without running the procedure: they count, and end, as if it ran. */
import { expect, test } from 'vitest';
import { appRouter } from '../../src/api/app-router.ts';
import { atOnceOf } from '../../src/procedures/index.ts';
import { startTestServer, type TestPerson, type TestServer } from '../fixtures/server.ts';
import { ask, official } from './both-ways.ts';

const LIMIT = 200;

interface Procedure {
  readonly _def: { readonly middlewares: unknown[] };
}

async function openScene(server: TestServer) {
  const owner = await server.signUp('owner');
  const { id: projectId } = await owner.client.project.create.mutate({ name: 'At once' });
  const scene = { projectId, name: 'One', type: 'intro', tsxCode: 'export default () => <p/>;' };
  const { id: sceneId } = await owner.client.scene.create.mutate(scene);
  const input = (json: unknown) => encodeURIComponent(JSON.stringify(json));
  const one = { json: { projectId, sceneId } };
  return {
    owner,
    single: `/trpc/scene.byId?input=${input(one)}`,
    batch: `/trpc/scene.byId,scene.byId,scene.list?batch=1&input=${input({ 0: one, 1: one, 2: { json: { projectId } } })}`,
  };
}

const left = (ratelimit: unknown): number => Number(/"reads";r=(\d+)/.exec(String(ratelimit))?.[1]);

async function costOf(server: TestServer, person: TestPerson, path: string) {
  const hits = () =>
    Object.fromEntries(
      server.services.cache.report().caches.map(({ name, l1Hits }) => [name, l1Hits] as const),
    );
  const asking = { path, headers: { cookie: person.cookie } };
  // The second tells the limit from which the third is counted.
  await ask(server.url, asking);
  const { headers } = await ask(server.url, asking);
  const before = hits();
  const got = await ask(server.url, asking);
  const after = hits();
  const counted = Object.entries(after).flatMap(([name, count]) => {
    const more = count - (before[name] ?? 0);
    return more === 0 ? [] : [[name, more] as const];
  });
  return {
    by: got.by,
    hits: Object.fromEntries(counted),
    limit: left(headers.ratelimit) - left(got.headers.ratelimit),
  };
}

test.each(['single', 'batch'] as const)(
  'a %s answered at once counts its hits and against its limit as one that is run',
  async (kind) => {
    await using server = await startTestServer();
    const scene = await openScene(server);
    const path = scene[kind];
    const ours = await costOf(server, scene.owner, path);
    const theirs = await costOf(server, scene.owner, official(path));
    expect([ours.by, theirs.by]).toEqual(['wire', 'official']);
    expect(ours.hits).toMatchObject({ sessions: 1, memberships: kind === 'single' ? 1 : 3 });
    expect(ours.limit).toBe(kind === 'single' ? 1 : 3);
    expect({ ...theirs, by: '' }).toEqual({ ...ours, by: '' });
  },
);

test('exactly as many are answered as the limit allows, and the next is refused', async () => {
  await using server = await startTestServer({
    env: { RATE_LIMIT_READS_PER_MINUTE: String(LIMIT) },
  });
  const { owner, single } = await openScene(server);
  const asking = { path: single, headers: { cookie: owner.cookie } };
  const statuses: number[] = [];
  for (let n = 0; n < LIMIT; n += 1) statuses.push((await ask(server.url, asking)).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT);
  const refused = await ask(server.url, asking);
  expect([refused.status, refused.by]).toEqual([429, 'wire']);
  expect(refused.body).toContain('TOO_MANY_REQUESTS');
});

test('a procedure with one middleware more is run', () => {
  const procedures = appRouter._def.procedures as unknown as Record<string, Procedure>;
  const procedure = procedures['scene.byId']!;
  const { middlewares } = procedure._def;
  expect(atOnceOf(procedure)).toBeDefined();
  middlewares.push(() => undefined);
  try {
    expect(atOnceOf(procedure)).toBeUndefined();
  } finally {
    middlewares.pop();
  }
});

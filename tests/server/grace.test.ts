/** A failing source is covered by the last good answer, which says so; who may see it is not. */
import { expect, test } from 'vitest';
import { startTestServer } from '../fixtures/server.ts';
import { runSql } from '../fixtures/sql.ts';

test('over HTTP, a list that cannot be loaded is answered from before, marked stale', async () => {
  await using app = await startTestServer({ env: { CACHE_TTL_SCENES: '1' } });
  const { client, token } = await app.signUp('ada');
  const project = await client.project.create.mutate({ name: 'First' });
  const projectId = project.id;
  const tsxCode = 'export default () => <h1>Hello</h1>;';
  await client.scene.create.mutate({ projectId, name: 'Hello', type: 'title', tsxCode });
  const good = await client.scene.list.query({ projectId });
  await runSql(app.databaseUrl, 'ALTER TABLE scenes RENAME COLUMN tsx_code TO away');

  const input = encodeURIComponent(JSON.stringify({ json: { projectId } }));
  const get = async () =>
    fetch(`${app.url}/trpc/scene.list?input=${input}`, {
      headers: { authorization: `Bearer ${token}` },
    });
  await expect.poll(async () => (await get()).headers.get('cache-status')).toContain('fwd=stale');
  const covered = await client.scene.list.query({ projectId });
  expect(covered).toEqual(good);
  expect(client.cacheOf(covered)?.validUntil).toBeLessThan(Date.now());

  // Known to be replaced, it covers nothing: an error is better than what is no longer true.
  await runSql(app.databaseUrl, "UPDATE scenes SET name = 'Bye'");
  await expect.poll(async () => (await get()).status).toBe(500);
  await runSql(app.databaseUrl, 'ALTER TABLE scenes RENAME COLUMN away TO tsx_code');
  expect((await client.scene.list.query({ projectId }))[0]?.name).toBe('Bye');
});

test('a session that cannot be looked up is no session, however good it was before', async () => {
  await using app = await startTestServer({ env: { CACHE_LEASE_MS: '500' } });
  const { client } = await app.signUp('ada');
  const project = await client.project.create.mutate({ name: 'First' });
  await client.scene.list.query({ projectId: project.id });
  await runSql(app.databaseUrl, 'ALTER TABLE sessions RENAME TO gone');
  await runSql(app.databaseUrl, 'ALTER TABLE cache_outbox RENAME TO away');
  await expect
    .poll(() => client.scene.list.query({ projectId: project.id }).catch((e: Error) => e.message), {
      timeout: 10_000,
    })
    .toMatch(/^Something went wrong/);
});

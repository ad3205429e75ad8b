import { expect, test } from 'vitest';
import { startTestServer } from '../fixtures/server.ts';
import { runSql } from '../fixtures/sql.ts';

test('a person signs up, makes a project and scenes, and every second read is a hit', async () => {
  await using app = await startTestServer();
  const { client } = await app.signUp('ada');

  const project = await client.project.create.mutate({ name: 'First' });
  const scene = await client.scene.create.mutate({
    projectId: project.id,
    name: 'Hello',
    type: 'title',
    tsxCode: 'export default function Hello() { return <h1>Hello</h1>; }',
  });
  const cold = await client.scene.list.query({ projectId: project.id });
  const warm = await client.scene.list.query({ projectId: project.id });
  expect(cold).toEqual([scene]);
  expect(warm).toEqual(cold);
  expect(client.cacheOf(cold)?.hit).toBe(false);
  expect(client.cacheOf(warm)).toMatchObject({
    hit: true,
    storedAt: client.cacheOf(cold)?.storedAt,
  });

  await client.scene.update.mutate({ projectId: project.id, sceneId: scene.id, name: 'Bye' });
  const after = await client.scene.list.query({ projectId: project.id });
  expect(after[0]?.name).toBe('Bye');
  expect(client.cacheOf(after)?.hit).toBe(false);
});

test('a broken database is answered without SQL, and logged without values', async () => {
  const lines: string[] = [];
  await using app = await startTestServer({ log: { write: (line) => void lines.push(line) } });
  const { client, token } = await app.signUp('ada');
  await runSql(app.databaseUrl, 'alter table sessions rename to gone');
  await expect
    .poll(() => client.project.list.query().catch((error: Error) => error.message))
    .toMatch(/^Something went wrong/);
  await fetch(`${app.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', password: 'a-password' }),
  });
  const log = lines.join('');
  expect(log).toContain('from \\"sessions\\"');
  expect(log).toContain('"requestId"');
  expect(log).not.toContain(token);
  expect(log).not.toContain('a-password');
});

test('a path that the sign-in library does not have is a JSON 404', async () => {
  await using app = await startTestServer();
  const response = await fetch(`${app.url}/api/auth/nothing`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
});

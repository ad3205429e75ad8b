import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import { keptSecret } from '../../src/server/auth-secret.ts';
import { seedWhenDue } from '../../src/server/seed-when-due.ts';
import { createTestDatabase } from '../fixtures/database.ts';
import { startTestServer } from '../fixtures/server.ts';
import { runSql } from '../fixtures/sql.ts';

async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'greenroom-secret-'));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test('the secret is made once, also by processes that start together, and is private', async () => {
  await using place = await temporaryFolder();
  const folder = path.join(place.folder, 'data');
  const secrets = await Promise.all(Array.from({ length: 8 }, () => keptSecret(folder)));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]!.length).toBeGreaterThanOrEqual(32);
  expect(await keptSecret(folder)).toBe(secrets[0]);
  const file = path.join(folder, 'auth-secret');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toBe(secrets[0]);
});

test('a secret that was cut short stops the start with the file to look at', async () => {
  await using place = await temporaryFolder();
  const file = path.join(place.folder, 'auth-secret');
  await writeFile(file, 'short');
  await expect(keptSecret(place.folder)).rejects.toThrow(file);
});

test('a taken port stops the start with the setting to change, and leaves nothing behind', async () => {
  await using database = await createTestDatabase();
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  await expect(
    startTestServer({ databaseUrl: database.url, env: { PORT: String(port) } }),
  ).rejects.toThrow(`PORT ${port} is in use`);
  other.close();
  expect(await runSql(database.url, 'select id from cache_members')).toEqual([]);
});

test('a table that lost its triggers is not cached, and its answers stay right', async () => {
  await using database = await createTestDatabase();
  const triggers = await runSql(
    database.url,
    `select tgname from pg_trigger where tgrelid = 'projects'::regclass and not tgisinternal`,
  );
  for (const { tgname } of triggers) {
    await runSql(database.url, `drop trigger ${tgname} on projects`);
  }
  await using app = await startTestServer({ databaseUrl: database.url });
  const { client } = await app.signUp('ada');
  const project = await client.project.create.mutate({ name: 'Before' });
  await client.project.list.query();
  await client.project.update.mutate({ projectId: project.id, name: 'After' });
  expect(await client.project.list.query()).toMatchObject([{ name: 'After' }]);
});

test('the demo is completed where an earlier start or version left it unfinished, and only there', async () => {
  await using app = await startTestServer();
  const { db, write } = app.services;
  const config = readConfig({});
  const start = async (embedded: boolean) => {
    const printed: string[] = [];
    await seedWhenDue({ config, embedded, db, write, print: (line) => void printed.push(line) });
    return printed.length > 0;
  };
  // As after a version that knew no bots.
  const ada = await app.signUp('ada');
  await ada.client.project.create.mutate({ name: 'Mine' });
  await runSql(app.databaseUrl, 'delete from personas');
  expect(await start(false)).toBe(false);
  expect(await ada.client.persona.list.query()).not.toEqual([]);
  await runSql(app.databaseUrl, 'delete from personas');
  expect(await start(true)).toBe(true);
  expect(await ada.client.persona.list.query()).not.toEqual([]);
  expect(await ada.client.project.list.query()).toMatchObject([{ name: 'Mine' }]);
  expect(await start(true)).toBe(false);
});

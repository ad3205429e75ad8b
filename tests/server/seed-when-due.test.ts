import { expect, test } from 'vitest';
import { createTestDatabase } from '../fixtures/database.ts';
import { startTestServer } from '../fixtures/server.ts';
import { runSql } from '../fixtures/sql.ts';

const BOTS = ['elara', 'elena', 'orson', 'pixel'];

test('a start adds the bots where there are none, and nothing of the demo', async () => {
  await using database = await createTestDatabase();
  // As an older version left it: people, their projects, and nobody to talk to.
  await runSql(
    database.url,
    `with owner as (
       insert into users (name, email, username) values ('Ada', 'ada@example.com', 'ada') returning id)
     insert into projects (owner_id, name) select id, 'Hers' from owner`,
  );
  const starts = Array.from({ length: 2 }, () => startTestServer({ databaseUrl: database.url }));
  const [app, other] = await Promise.all(starts);
  await using _both = { [Symbol.asyncDispose]: () => other![Symbol.asyncDispose]() };
  await using server = app!;
  const { client } = await server.signUp('guest');
  expect((await client.persona.list.query()).map(({ name }) => name)).toEqual(BOTS);
  const { botName } = await client.preferences.get.query();
  expect(await client.persona.byName.query({ name: botName })).toMatchObject({
    version: 1,
  });
  expect(
    await runSql(database.url, `select email from users where email like '%@example.com'`),
  ).toHaveLength(2);
  expect(await runSql(database.url, 'select name from projects')).toEqual([{ name: 'Hers' }]);
  expect(await runSql(database.url, 'select id from conversations')).toEqual([]);
});

test('a start leaves the bots that there are as they are', async () => {
  await using database = await createTestDatabase();
  await runSql(
    database.url,
    `insert into personas (name, archetype, traits, system_prompt) values ('elara', 'mine', '{}', 'Mine.')`,
  );
  await using server = await startTestServer({ databaseUrl: database.url });
  const { client } = await server.signUp('guest');
  expect(await client.persona.list.query()).toMatchObject([{ name: 'elara', archetype: 'mine' }]);
});

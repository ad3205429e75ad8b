/** A value that its transformer cannot write, as psql may leave one behind. */
import { expect, test } from 'vitest';
import { startTestServer } from '../fixtures/server.ts';
import { runSql } from '../fixtures/sql.ts';
import { ask, official } from './both-ways.ts';

test('what superjson cannot write is an error of that call, in memory too', async () => {
  await using app = await startTestServer();
  const ada = await app.signUp('ada');
  await runSql(
    app.databaseUrl,
    `insert into preferences (user_id, settings) values ('${ada.id}', '{"constructor": 1}')`,
  );
  const headers = { authorization: `Bearer ${ada.token}` };
  const one = '/trpc/preferences.get';
  const batch = '/trpc/preferences.get,project.list?batch=1';
  for (const path of [one, batch]) {
    const theirs = await ask(app.url, { path: official(path), headers });
    expect(theirs.status).toBe(500);
    for (let times = 0; times < 3; times += 1) {
      expect((await ask(app.url, { path, headers })).status).toBe(path === one ? 500 : 207);
    }
  }
});

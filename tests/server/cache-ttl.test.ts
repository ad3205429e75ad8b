/** For how long an entry is fresh is a setting, whichever cache it is of. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCaller } from '../../src/api/app-router.ts';
import type { CacheMark } from '../../src/api/context.ts';
import { SECOND } from '../../src/config/duration.ts';
import { CACHED } from '../domain/procedures.ts';
import { TSX } from '../domain/people.ts';
import { startTestServer, type TestServer } from '../fixtures/server.ts';
import { runSql } from '../fixtures/sql.ts';

/** Seconds, all different, so that each tells which setting it came from. */
const TTLS = {
  SCENES: 1_000,
  AI: 2_000,
  COMPONENTS: 3_000,
  SHORT: 4_000,
  MEDIUM: 5_000,
  LONG: 6_000,
  WEEK: 7_000,
};
type Setting = keyof typeof TTLS;

type Caller = ReturnType<typeof createCaller>;

interface Ids {
  readonly projectId: string;
  readonly sceneId: string;
  readonly conversationId: string;
}

const CACHES: Record<string, [Setting, (caller: Caller, ids: Ids) => Promise<unknown>]> = {
  'project.list': ['SCENES', ({ project }) => project.list()],
  'project.byId': ['SCENES', ({ project }, { projectId }) => project.byId({ projectId })],
  'project.members': ['SCENES', ({ project }, { projectId }) => project.members({ projectId })],
  'scene.list': ['SCENES', ({ scene }, { projectId }) => scene.list({ projectId })],
  'scene.byId': ['SCENES', ({ scene }, ids) => scene.byId(ids)],
  'scene.search': ['SHORT', ({ scene }, ids) => scene.search({ ...ids, query: 'a title' })],
  'component.build': ['COMPONENTS', ({ component }, ids) => component.build(ids)],
  'decision.history': ['MEDIUM', ({ decision }, { projectId }) => decision.history({ projectId })],
  'persona.idByName': ['LONG', ({ persona }) => persona.idByName({ name: 'elara' })],
  'persona.byName': ['LONG', ({ persona }) => persona.byName({ name: 'elara' })],
  'persona.list': ['LONG', ({ persona }) => persona.list()],
  'personality.get': ['WEEK', ({ personality }) => personality.get()],
  'preferences.get': ['MEDIUM', ({ preferences }) => preferences.get()],
  'assistant.conversations': ['MEDIUM', ({ assistant }) => assistant.conversations()],
  'assistant.history': ['MEDIUM', ({ assistant }, ids) => assistant.history(ids)],
};

let app: TestServer;
let ids: Ids;
let caller: (onMark: (mark: CacheMark) => void) => Caller;
beforeAll(async () => {
  const env = Object.entries(TTLS).map(([name, seconds]) => [`CACHE_TTL_${name}`, `${seconds}`]);
  app = await startTestServer({ env: Object.fromEntries(env) as Record<string, string> });
  const { id, email, client } = await app.signUp('owner');
  const { id: projectId } = await client.project.create.mutate({ name: 'P' });
  const scene = { projectId, name: 's', type: 't', tsxCode: TSX };
  const { id: sceneId } = await client.scene.create.mutate(scene);
  const [row] = await runSql(
    app.databaseUrl,
    `insert into conversations (user_id, bot_name) values ('${id}', 'elara') returning id`,
  );
  ids = { projectId, sceneId, conversationId: row!['id'] as string };
  const user = { id, email, username: 'owner', name: 'owner', role: 'user' } as const;
  caller = (onMark) =>
    createCaller({
      services: app.services,
      session: { id, expiresAt: new Date(8.64e15), user },
      requestId: 'test',
      limiter: { take: async () => undefined },
      mark: (_index, mark) => onMark(mark),
    });
});
afterAll(() => app[Symbol.asyncDispose]());

it.each(CACHED.map(({ path }) => path))('%s', async (path) => {
  const [setting, call] = CACHES[path] ?? [];
  if (!setting || !call)
    throw new Error('a new cache needs a row here, and one in studio-cache.ts');
  const marks: CacheMark[] = [];
  await call(
    caller((mark) => marks.push(mark)),
    ids,
  );
  const { storedAt, validUntil } = marks[0]!;
  const ttlMs = TTLS[setting] * SECOND;
  // Less at most a tenth, so that entries do not expire together.
  expect(validUntil - storedAt).toBeLessThanOrEqual(ttlMs);
  expect(validUntil - storedAt).toBeGreaterThanOrEqual(0.9 * ttlMs);
});

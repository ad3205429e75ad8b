/** What `npm pack` gives to other teams, installed in the app of docs/guide.md. */
import path from 'node:path';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../fixtures/database.ts';
import { ask, type Got } from '../wire/both-ways.ts';
import { blocksOf, createSample, type Sample } from './sample.ts';
import { WIRE_APP } from './wire-app.ts';

/** Every line from the fourth on is a fault. */
const MISUSE = `import { declareTags } from 'greenroom/drizzle';
import { z } from 'zod'; import { cachedQuery } from './router.ts'; import { notes } from './schema.ts';
const all = { name: 'x', tags: () => [], load: async () => 1 }, none = z.void(), ada = z.object({ authorId: z.string() });
export const noColumn = declareTags(notes, { one: 'note:{number}' });
export const noAuthorInInput = cachedQuery({ ...all, scope: 'author', input: none });
export const noSuchScope = cachedQuery({ ...all, scope: 'team', input: ada });
export const notInTheKey = cachedQuery({ ...all, scope: 'author', input: ada, load: async ({ userId }) => userId });
export const writes = cachedQuery({ ...all, scope: 'author', input: ada, load: async (_args, { db }) => db.insert(notes) });
`;
const FAULTS = [4, 5, 6, 7, 8];

const NOBODY = '00000000-0000-4000-8000-000000000000';

interface Call {
  readonly path: string;
  readonly input?: unknown;
}

/** With a second parameter, or an array of calls: a batch. */
function pathOf(asked: Call | readonly Call[]): string {
  const serialized = ({ input }: Call) => (input === undefined ? undefined : { json: input });
  const calls = [asked].flat();
  const batch = Array.isArray(asked);
  const inputs = batch
    ? Object.fromEntries(calls.map(serialized).entries())
    : serialized(calls[0]!);
  const names = calls.map(({ path: name }) => name).join(',');
  const query = inputs === undefined ? '' : `input=${encodeURIComponent(JSON.stringify(inputs))}`;
  return `${names}?${batch ? 'batch=1&' : ''}${query}`.replace(/[?&]$/, '');
}

/** The whole answer but what only one of the two says: of the cache, and of itself. */
function comparable({ status, headers, body }: Got) {
  const answers = (parsed: unknown) =>
    [parsed].flat().map((answer) => {
      const { result, error } = answer as { result?: { data: unknown }; error?: unknown };
      return result ? { data: result.data } : { error };
    });
  return {
    status,
    type: headers['content-type'],
    calls: headers['x-calls'],
    answers: answers(JSON.parse(body)),
  };
}

describe('the packed package', () => {
  let database: TestDatabase;
  let sample: Sample;

  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false });
    sample = await createSample(database.url);
  });

  afterAll(async () => {
    await sample?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  it('compiles in the app of the guide, and misuse of it does not', async () => {
    await sample.write('src/misuse.ts', MISUSE);
    const { code, text } = await sample.typecheck();
    const faults = [...text.matchAll(/^(\S+)\((\d+),\d+\): error/gm)];
    expect(code).not.toBe(0);
    expect(new Set(faults.map(([, file]) => file)), text).toEqual(new Set(['src/misuse.ts']));
    expect([...new Set(faults.map(([, , line]) => Number(line)))], text).toEqual(FAULTS);
  });

  it('does in that app, on a real PostgreSQL, what the guide says', async () => {
    await sample.shell('npx drizzle-kit generate --name=tables');
    await sample.shell(blocksOf('sh').join('\n'));
    expect(await sample.shell('node src/try.ts')).toBe(blocksOf('text').at(-1));
  });

  it('answers on Node\u2019s own server as the official adapter does, and runs nothing twice', async () => {
    await using app = await startWireApp();
    const { both, ran, add } = app;
    const { id } = await add('ada', 'a note');
    const one = { path: 'notes.one', input: { authorId: 'ada', id } };
    const all = { path: 'notes.all' };
    const cases: [Call | Call[], Got['status'], Record<string, string>?][] = [
      [all, 200],
      [all, 200, { 'accept-encoding': 'br' }],
      [one, 200],
      [{ ...one, input: { authorId: 'ada', id: NOBODY } }, 404],
      [{ ...one, input: { authorId: 'ada', id: 'no id' } }, 400],
      [{ ...one, input: { authorId: 'bob', id } }, 403],
      [{ path: 'notes.failing' }, 500],
      [{ path: 'notes.secret' }, 200],
      [[all, one, all], 200],
      [[{ path: 'notes.secret' }, { path: 'notes.failing' }, one], 207],
      [all, 401, { 'x-user': '' }],
      [[all, one], 429, { 'x-user': 'greedy' }],
    ];
    for (const [asked, status, headers] of cases) {
      for (const round of ['first', 'again']) {
        const { ours, theirs } = await both(asked, headers);
        expect(comparable(ours), `${round}: ${pathOf(asked)}`).toEqual(comparable(theirs));
        expect([ours.status, ours.headers['x-by'], theirs.headers['x-by']]).toEqual([
          status,
          'wire',
          undefined,
        ]);
        expect(ours.body).not.toContain('never');
      }
    }
    const left: [Call | Call[], Record<string, string>?][] = [
      [{ path: 'notes.plain' }],
      [{ path: 'notes.nothing' }],
      [[all, { path: 'notes.plain' }]],
      [[all, all, all, all]],
      [all, { origin: 'https://elsewhere.example.com' }],
    ];
    for (const [asked, headers] of left) {
      const { ours, theirs } = await both(asked, headers);
      expect(comparable(ours)).toEqual(comparable(theirs));
      expect(ours.headers['x-by']).toBeUndefined();
    }
    const before = await ran();
    const { ours } = await both([all, one, { path: 'notes.secret' }]);
    expect(ours.headers['x-by']).toBe('wire');
    const after = await ran();
    // Each of the two asked once; and the counters themselves, which have a context too.
    const more = Object.entries(after).map(([name, count]) => [name, count - before[name]!]);
    expect(Object.fromEntries(more)).toEqual({
      contexts: 3,
      middlewares: 6,
      scopes: 6,
      loads: 0,
      steps: 0,
      acts: 0,
      errors: 0,
    });
  });

  it('answers 304 to who may read, and to nobody else', async () => {
    await using app = await startWireApp();
    const { both, add, post } = app;
    const { id } = await add('eve', 'first');
    const one = { path: 'notes.one', input: { authorId: 'eve', id } };
    const { ours: first } = await both(one, { 'x-user': 'eve' });
    expect(first.headers).toMatchObject({
      'cache-control': 'private, no-cache',
      vary: expect.stringMatching(/^Cookie, Authorization/),
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
    });
    const known = { 'if-none-match': first.headers.etag ?? '' };
    const { ours: again } = await both(one, { 'x-user': 'eve', ...known });
    expect([again.status, again.body, again.headers['cache-status']]).toEqual([
      304,
      '',
      expect.stringContaining('greenroom; hit'),
    ]);
    for (const [user, status] of [
      ['', 403],
      ['bob', 403],
    ] as const) {
      expect((await both(one, { 'x-user': user, ...known })).ours.status).toBe(status);
    }
    const { ours: list } = await both({ path: 'notes.all' }, { 'x-user': 'eve' });
    const listKnown = { 'if-none-match': list.headers.etag ?? '' };
    const all = (user: string) => both({ path: 'notes.all' }, { 'x-user': user, ...listKnown });
    expect((await all('eve')).ours.status).toBe(304);
    expect((await all('')).ours.status).toBe(401);
    expect((await all('bob')).ours.status).toBe(200);
    // A mutation is the official adapter's, and what it wrote is seen at once.
    await post('notes.add', 'eve', { text: 'second' });
    const { ours: changed } = await all('eve');
    expect([changed.status, changed.headers['x-by']]).toEqual([200, 'wire']);
    expect(changed.body).toContain('second');
  });

  it('acts each time, and uses a costly step again', async () => {
    await using app = await startWireApp();
    const { add, post, ran } = app;
    const { id } = await add('kim', 'loud');
    const before = await ran();
    const results = [];
    for (const user of ['kim', 'kim']) {
      results.push(await post('notes.polish', user, { authorId: 'kim', id }));
    }
    expect(results).toEqual([
      { value: 'LOUD', reuse: 'none' },
      { value: 'LOUD', reuse: 'exact' },
    ]);
    const after = await ran();
    expect([after['steps']! - before['steps']!, after['acts']! - before['acts']!]).toEqual([1, 2]);
    await expect(post('notes.polish', 'bob', { authorId: 'kim', id })).rejects.toThrow('FORBIDDEN');
    expect((await ran())['acts']).toBe(after['acts']);
  });

  /** Asked as Ada, unless the headers say otherwise. */
  async function startWireApp() {
    await sample.write('src/wire-app.ts', WIRE_APP);
    const app = await sample.start('src/wire-app.ts');
    const urls = JSON.parse(app.said) as Record<'official' | 'wired', string>;

    async function post<Result>(name: string, user: string, input: object): Promise<Result> {
      const response = await fetch(`${urls.wired}${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-user': user },
        body: superjson.stringify(input),
      });
      expect(response.headers.get('x-by')).toBeNull();
      const { result, error } = (await response.json()) as {
        result?: { data: { json: Result } };
        error?: { json: { data: { code: string } } };
      };
      if (!result) throw new Error(error?.json.data.code);
      return result.data.json;
    }

    return {
      [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
      post,
      add: (user: string, text: string) => post<{ id: string }>('notes.add', user, { text }),
      async both(asked: Call | readonly Call[], given: Record<string, string> = {}) {
        const { 'x-user': user = 'ada', ...rest } = given;
        const headers = user === '' ? rest : { ...rest, 'x-user': user };
        const from = (url: string) => ask(url, { path: pathOf(asked), headers });
        const theirs = await from(urls.official);
        return { theirs, ours: await from(urls.wired) };
      },
      async ran() {
        const { body } = await ask(urls.official, { path: 'ran' });
        return (JSON.parse(body) as { result: { data: { json: Record<string, number> } } }).result
          .data.json;
      },
    };
  }

  it('can be required by CommonJS', async () => {
    const all = ['cache', 'trpc', 'drizzle', 'server', 'client'].map(
      (name) => `'greenroom/${name}'`,
    );
    await sample.write('all.cjs', `for (const name of [${all.join()}]) require(name);`);
    expect(await sample.shell('node all.cjs')).toBe('');
  });

  it('brings nothing of the studio along, and all that it imports', async () => {
    const files = await sample.packed();
    expect([...files.keys()]).toContain('dist/package/drizzle.js');
    const studio = /^dist\/(api|services|web)\/|\/(schema|queries|seed|embedded|migrate)[/.]/;
    expect([...files.keys()].filter((name) => studio.test(name))).toEqual([]);
    const missing = [...files].flatMap(([name, text]) =>
      [...text.matchAll(/(?:from|import\() ?['"](\.[^'"]+)['"]/g)]
        .map(([, specifier]) => path.posix.join(path.posix.dirname(name), specifier ?? ''))
        // In declarations tsc leaves `.ts`, and finds the `.d.ts` beside it.
        .filter((target) => !files.has(target.replace(/(?<!\.d)\.ts$/, '.d.ts'))),
    );
    expect(missing).toEqual([]);
  });

  it('asks npm for what its files import, and for nothing else', async () => {
    const files = await sample.packed();
    const imported = [...files.values()].flatMap((text) =>
      [...text.matchAll(/(?:from|import\() ?['"](?!node:)((?:@[\w-]+\/)?[\w-]+)/g)].map(
        ([, name]) => name!,
      ),
    );
    const manifest = await sample.read('node_modules/greenroom/package.json');
    const { dependencies, peerDependencies } = JSON.parse(manifest) as Record<string, object>;
    const asked = Object.keys({ ...dependencies, ...peerDependencies });
    expect(asked.toSorted()).toEqual([...new Set(imported)].toSorted());
    expect([...sample.installed]).toEqual(expect.arrayContaining(asked));
    // Those, what they need themselves, and tRPC's peer TypeScript: no library of the studio's.
    expect(sample.installed.size).toBeLessThan(25);
  });
});

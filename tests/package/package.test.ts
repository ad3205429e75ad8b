/** What `npm pack` gives to other teams, installed in the app of docs/guide.md. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../fixtures/database.ts';
import { blocksOf, createSample, type Sample } from './sample.ts';

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
});

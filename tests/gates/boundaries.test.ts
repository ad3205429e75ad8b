import { describe, expect, it } from 'vitest';
import { boundariesGate } from '../../scripts/gates/boundaries.ts';
import { runGate } from '../../scripts/gates/gate.ts';
import { createTree } from '../fixtures/tree.ts';

/** A tree in which everything is where it belongs. */
const sound = {
  'src/config/duration.ts': 'export const SECOND = 1000;\n',
  'src/config/env.ts': 'export const port = process.env.PORT;\n',
  'src/cache/cache.ts':
    "import { SECOND } from '../config/duration.ts';\nexport const ttlMs = SECOND;\n",
  'src/db/read.ts':
    "import type { ttlMs } from '../cache/cache.ts';\nexport type T = typeof ttlMs;\n",
  'src/services/builder/build.ts': "export * from '../../db/read.ts';\n",
  'src/api/app-router.ts':
    "import '../services/builder/build.ts';\nexport type AppRouter = { list: string };\n",
  'src/server/main.ts': "import '../api/app-router.ts';\nimport 'fastify';\n",
  'src/client/index.ts':
    "import type { AppRouter } from '../api/app-router.ts';\nexport type A = AppRouter;\n",
  'src/web/page.tsx': "import '../client/index.ts';\n",
  'scripts/start.ts': "import '../src/server/main.ts';\n",
};

const planted: { fault: string; file: string; source: string; says: string }[] = [
  {
    fault: 'the cache imports the database layer',
    file: 'src/cache/store.ts',
    source: "import { T } from '../db/read.ts';\nexport const t: T = 1;\n",
    says: 'src/cache/store.ts:1 must not import src/db/read.ts',
  },
  {
    fault: 'the cache imports tRPC, if only a type',
    file: 'src/cache/store.ts',
    source: "import type { TRPCError } from '@trpc/server';\nexport type E = TRPCError;\n",
    says: 'src/cache/store.ts:1 must not import @trpc/server',
  },
  {
    fault: 'the cache imports Drizzle',
    file: 'src/cache/store.ts',
    source: "export { sql } from 'drizzle-orm';\n",
    says: 'must not import drizzle-orm',
  },
  {
    fault: 'the cache imports the PostgreSQL driver',
    file: 'src/cache/stores/store.ts',
    source: "import postgres from 'postgres';\nexport const open = postgres;\n",
    says: 'src/cache/stores/store.ts:1 must not import postgres',
  },
  {
    fault: 'the database layer imports a value of the cache',
    file: 'src/db/write.ts',
    source: "import { ttlMs } from '../cache/cache.ts';\nexport const x = ttlMs;\n",
    says: 'src/db/write.ts:1 must not import src/cache/cache.ts other than by `import type`',
  },
  {
    fault: 'a service imports the API',
    file: 'src/services/brain.ts',
    source: "import type { AppRouter } from '../api/app-router.ts';\nexport type A = AppRouter;\n",
    says: 'src/services/brain.ts:1 must not import src/api/app-router.ts',
  },
  {
    fault: 'the API imports the server, by import()',
    file: 'src/api/context.ts',
    source: "export const load = () => import('../server/main.ts');\n",
    says: 'src/api/context.ts:1 must not import src/server/main.ts',
  },
  {
    fault: 'the client imports a value of the API',
    file: 'src/client/live.ts',
    source: "import { AppRouter } from '../api/app-router.ts';\nexport type B = AppRouter;\n",
    says: 'src/client/live.ts:1 must not import src/api/app-router.ts other than by `import type`',
  },
  {
    fault: 'the client imports a type inline, which still loads the module',
    file: 'src/client/live.ts',
    source: "import { type AppRouter } from '../api/app-router.ts';\nexport type B = AppRouter;\n",
    says: 'src/client/live.ts:1 must not import src/api/app-router.ts other than by `import type`',
  },
  {
    fault: 'the client imports Node',
    file: 'src/client/live.ts',
    source: "import { readFile } from 'node:fs/promises';\nexport const r = readFile;\n",
    says: 'src/client/live.ts:1 must not import node:fs/promises',
  },
  {
    fault: 'a page goes past the client',
    file: 'src/web/admin.tsx',
    source: "import type { AppRouter } from '../api/app-router.ts';\nexport type B = AppRouter;\n",
    says: 'src/web/admin.tsx:1 must not import src/api/app-router.ts',
  },
  {
    fault: 'the source imports a script',
    file: 'src/server/boot.ts',
    source: "import '../../scripts/start.ts';\n",
    says: 'src/server/boot.ts:1 must not import scripts/start.ts',
  },
  {
    fault: 'a folder that has no rule',
    file: 'src/utils/date.ts',
    source: 'export const now = 1;\n',
    says: 'src/utils/date.ts has no rule',
  },
  {
    fault: 'an import that leads nowhere',
    file: 'src/server/boot.ts',
    source: "import './gone.ts';\n",
    says: 'src/server/boot.ts:1 imports ./gone.ts, which is not there',
  },
  {
    fault: 'a cycle',
    file: 'src/api/context.ts',
    source: "import './errors.ts';\nexport const a = 1;\n",
    says: 'import cycle: src/api/context.ts → src/api/errors.ts → src/api/context.ts',
  },
  {
    fault: 'a module that does not parse',
    file: 'src/api/context.ts',
    source: 'export const = ;\n',
    says: 'src/api/context.ts does not parse',
  },
];

const environmentReads = [
  'export const x = process.env.PORT;',
  "export const x = process['env'].PORT;",
  'export const { env } = process;',
  'export const x = globalThis.process.env;',
  "import { env } from 'node:process';\nexport const x = env;",
  'export const x = import.meta.env;',
];

describe('the boundaries gate', () => {
  it('accepts a tree in which everything is where it belongs', async () => {
    await using tree = await createTree(sound);
    expect(await runGate(boundariesGate, tree.path)).toMatchObject({
      faults: [],
      checked: 9,
      passed: true,
    });
  });

  it.each(planted)('rejects: $fault', async ({ file, source, says }) => {
    await using tree = await createTree(sound);
    await tree.write(file, source);
    // The other half of the planted cycle; harmless to the other faults.
    await tree.write('src/api/errors.ts', "export * from './context.ts';\n");
    if (file !== 'src/api/context.ts') await tree.write('src/api/context.ts', 'export {};\n');
    const verdict = await runGate(boundariesGate, tree.path);
    expect(verdict.passed).toBe(false);
    expect(verdict.faults.join('\n')).toContain(says);
  });

  it.each(environmentReads)('rejects a second reader of the environment: %s', async (source) => {
    await using tree = await createTree({ ...sound, 'src/server/boot.ts': `${source}\n` });
    const { faults } = await runGate(boundariesGate, tree.path);
    expect(faults).toEqual([
      expect.stringMatching(/^src\/server\/boot\.ts:\d reads the environment/),
    ]);
  });

  it('ignores cycles of types, which are gone at run time', async () => {
    await using tree = await createTree({
      ...sound,
      'src/api/a.ts': "import type { B } from './b.ts';\nexport type A = B;\n",
      'src/api/b.ts': "import { type A } from './a.ts';\nexport type B = A[];\n",
    });
    expect((await runGate(boundariesGate, tree.path)).faults).toEqual([]);
  });

  it('rejects a tree without a module', async () => {
    await using tree = await createTree({});
    const { passed, faults } = await runGate(boundariesGate, tree.path);
    expect({ passed, faults }).toEqual({
      passed: false,
      faults: ['the gate found no modules to check'],
    });
  });
});

/** The scripts as a person meets them: help, wrong use, and failures in one line. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { createTestDatabase } from '../fixtures/database.ts';

const project = path.join(import.meta.dirname, '../..');

async function run(script: string, args: string[] = [], env: Record<string, string> = {}) {
  const result = promisify(execFile)(
    process.execPath,
    [path.join(project, 'scripts/run.js'), script, ...args],
    { env: { PATH: process.env['PATH'], ...env }, cwd: '/' },
  );
  return result.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

/** Name of the npm script, and of the file. */
const SCRIPTS = Object.entries(packageJson.scripts).flatMap(([name, command]) => {
  const file = /^node scripts\/run\.js ([a-z-]+)$/.exec(command)?.[1];
  return file === undefined ? [] : [{ name, file }];
});
/** Those with words of their own for what is wrong with their options. */
const OWN_WORDS = ['test', 'check', 'bench', 'walk', 'verify:simulate', 'verify:processes'];

it.each(SCRIPTS)('$name explains itself with --help', async ({ name, file }) => {
  const { code, stdout } = await run(file, ['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`npm (run )?${name}\\b`));
});

describe.each(SCRIPTS.filter(({ name }) => !OWN_WORDS.includes(name)))('$name', ({ file }) => {
  it('refuses an option that it does not know, in one line', async () => {
    const { code, stderr } = await run(file, ['--no-such-thing']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^[a-z:]+: Unknown option '--no-such-thing'[^\n]*\n$/);
  });
});

it('stops at a bad setting with one line that names it', async () => {
  const { code, stderr } = await run('db-migrate', [], { DATABASE_URL: 'mysql://secret@h/d' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^db:migrate: DATABASE_URL must be [^\n]*\n$/);
  expect(stderr).not.toContain('secret');
});

it('stops in one line when the database is not there', async () => {
  const { code, stderr } = await run('db-migrate', [], {
    DATABASE_URL: 'postgres://x@127.0.0.1:1/y',
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^db:migrate: [^\n]*ECONNREFUSED[^\n]*\n$/);
});

it('stops in one line when no server answers', async () => {
  const { code, stderr } = await run('cache-stats', ['--url', 'http://127.0.0.1:9']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^cache:stats: no server answers at http:\/\/127\.0\.0\.1:9[^\n]*\n$/);
});

describe('db:reset', () => {
  it('does not empty a real database without --yes', async () => {
    await using database = await createTestDatabase();
    const { code, stderr } = await run('db-reset', [], { DATABASE_URL: database.url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/add --yes/);
    expect((await run('cache-cleanup', ['--json'], { DATABASE_URL: database.url })).code).toBe(0);
  });

  it('empties and migrates with it', async () => {
    await using database = await createTestDatabase();
    const { code } = await run('db-reset', ['--yes'], { DATABASE_URL: database.url });
    expect(code).toBe(0);
    const { stdout } = await run('cache-cleanup', ['--json'], { DATABASE_URL: database.url });
    expect(JSON.parse(stdout)).toEqual({ before: 0, removed: 0, left: 0, builds: 0 });
  });
});

it('cache:cleanup removes the rows beyond those to keep and prints JSON alone', async () => {
  await using database = await createTestDatabase();
  const { default: postgres } = await import('postgres');
  const sql = postgres(database.url, { max: 1 });
  await sql.begin(
    (tx) => tx`
    insert into cache_outbox (xid, tags) select pg_current_xact_id(), '{a}' from generate_series(1, 5)`,
  );
  await sql`insert into cache_outbox (xid, tags) values (pg_current_xact_id(), '{b}')`;
  await sql.end();
  const env = { DATABASE_URL: database.url };
  const { code, stdout } = await run('cache-cleanup', ['--keep', '1', '--json'], env);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ before: 6, removed: 5, left: 1, builds: 0 });
});

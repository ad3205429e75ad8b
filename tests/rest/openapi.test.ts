/** The description is valid, and a client made from nothing but it can use the server. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import { generateSource } from 'oazapfts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestPerson, type TestServer } from '../fixtures/server.ts';
import { createTree } from '../fixtures/tree.ts';

let app: TestServer;
let owner: TestPerson;

beforeAll(async () => {
  app = await startTestServer();
  owner = await app.signUp('owner');
});
afterAll(() => app[Symbol.asyncDispose]());

async function description(): Promise<Record<string, unknown>> {
  const response = await fetch(`${app.url}/api/openapi.json`);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return (await response.json()) as Record<string, unknown>;
}

describe('/api/openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(await description());
    expect({ valid, errors, version: validator.version }).toEqual({
      valid: true,
      errors: undefined,
      version: '3.1',
    });
  });

  it('would be refused with an operation that answers nothing', async () => {
    const broken = JSON.stringify(await description()).replace('"responses"', '"answers"');
    const { valid } = await new Validator().validate(JSON.parse(broken) as Record<string, unknown>);
    expect(valid).toBe(false);
  });
});

/** A program of its own: its types are the generated ones, its answers the server's. */
const PROGRAM = `
import { defaults, deletePersonality, getPersonality, savePersonality } from './client.ts';
const [baseUrl = '', token = '', username = ''] = process.argv.slice(2);
defaults.baseUrl = baseUrl;
const stranger = await getPersonality(username);
defaults.headers = { authorization: 'Bearer ' + token };
const missing = await getPersonality(username);
const saved = await savePersonality(username, { analysis: { tone: 'dry', traits: { warmth: 0.5 } } });
// Compiles only where the description has that status.
const unchanged = (await getPersonality(username, { headers: { 'if-none-match': '*' } })).status === 304;
const conflict = await savePersonality(username, { analysis: { tone: 'warm' }, expectedVersion: 7 });
const found = await getPersonality(username);
const version: number = found.status === 200 ? found.data.data.version : -1;
const gone = await deletePersonality(username);
console.log(JSON.stringify({ stranger, missing, saved, unchanged, conflict, found, version, gone }));
`;

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');
/** Strict but for two things that the generator's own lines are not. */
const TSC = [
  join(project, 'node_modules/typescript/bin/tsc'),
  '--noUnusedLocals',
  'false',
  '--exactOptionalPropertyTypes',
  'false',
];

async function generatedTree(program: string) {
  const tree = await createTree({
    'openapi.json': JSON.stringify(await description()),
    'program.ts': program,
  });
  await tree.write('client.ts', await generateSource(join(tree.path, 'openapi.json')));
  return tree;
}

describe('a client generated from it', () => {
  it('reads, saves, is refused and deletes', async () => {
    await using tree = await generatedTree(PROGRAM);
    await run(process.execPath, TSC, { cwd: tree.path });
    const username = owner.email.split('@')[0] ?? '';
    const { stdout } = await run(process.execPath, ['program.ts', app.url, owner.token, username], {
      cwd: tree.path,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      stranger: { status: 401, data: { success: false, error: { code: 'UNAUTHORIZED' } } },
      missing: { status: 200, data: { success: true, data: { status: 'missing', version: 0 } } },
      saved: { status: 200, data: { data: { changed: true, version: 1 } } },
      unchanged: true,
      conflict: { status: 409, data: { success: false, error: { code: 'CONFLICT' } } },
      found: {
        status: 200,
        data: { data: { status: 'fresh', analysis: { tone: 'dry', traits: { warmth: 0.5 } } } },
      },
      version: 1,
      gone: { status: 200, data: { data: { ok: true } } },
    });
  });

  it('does not compile where a program misuses it', async () => {
    await using tree = await generatedTree(
      PROGRAM.replace("tone: 'dry'", 'tone: 7').replace('data.data.version', 'data.data.nothing'),
    );
    const failed = await run(process.execPath, TSC, { cwd: tree.path }).catch(
      (error: { stdout: string }) => error.stdout,
    );
    expect(failed).toMatch(/program\.ts\(\d+,\d+\): error TS2322/);
    expect(failed).toMatch(/'nothing' does not exist/);
  });
});

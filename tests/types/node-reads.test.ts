/**
 * Every module is one that Node itself can read: `npm start` runs the sources, and Node's parser
 * refuses a few texts that the compiler and the tests' bundler take (`for (const of of list)`).
 */
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

function complaintOf(source: string): string | undefined {
  try {
    stripTypeScriptTypes(source);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

it('all sources and scripts', () => {
  const files = globSync('{src,scripts}/**/*.ts', { cwd: root });
  const complaints = files.map((file) => [
    file,
    complaintOf(readFileSync(join(root, file), 'utf8')),
  ]);
  expect(files.length).toBeGreaterThan(200);
  expect(complaints.filter(([, complaint]) => complaint !== undefined)).toEqual([]);
});

it('and would be told of one that is not', () => {
  expect(complaintOf('for (const of of [1]) console.log(of);')).toContain('declaration list');
});

/** What the README shows is what happens: its example is run, and prints what stands below it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startTestServer } from '../fixtures/server.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(path.join(root, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return Array.from(
    readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms')),
    (found) => found[1] ?? '',
  );
}

describe('The README', () => {
  it('has an example that prints what it says', async () => {
    await using server = await startTestServer({ env: { SEED_DEMO: 'true' } });
    const [example = ''] = blocks('ts');
    const folder = await mkdtemp(path.join(tmpdir(), 'greenroom-readme-'));
    try {
      const file = path.join(folder, 'example.ts');
      const client = new URL('../../src/client/index.ts', import.meta.url).href;
      await writeFile(
        file,
        example
          .replace('./src/client/index.ts', client)
          .replace('http://localhost:3000', server.url),
      );
      const { stdout } = await promisify(execFile)(process.execPath, [file]);
      expect(stdout).toBe(blocks('text')[0]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names commands that exist', async () => {
    const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = Array.from(readme.matchAll(/npm run ([\w:-]+)/g), (found) => found[1] ?? '');
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('maps folders that exist', async () => {
    const [map = ''] = blocks('text').slice(1);
    const folders = Array.from(map.matchAll(/^(\w+\/(?:\w+\/)?)/gm), (found) => found[1] ?? '');
    expect(folders.length).toBeGreaterThan(8);
    for (const folder of folders) {
      await expect(readFile(path.join(root, folder))).rejects.toMatchObject({
        code: 'EISDIR',
      });
    }
  });
});

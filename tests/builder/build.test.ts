// A good build: an ES module, its map, its props; the same for the same source, and never executed.

import { existsSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildKey, type BuildSource, createBuilder } from '../../src/services/builder/index.ts';
import { openBuilder, PATIENCE_MS, sceneWith } from './builder-fixture.ts';

const builder = createBuilder({ transformMsMax: PATIENCE_MS });
afterAll(() => builder.close());

async function built(source: Partial<BuildSource>) {
  const result = await builder.build({ name: 'Scene', tsxCode: sceneWith(), ...source });
  if (!result.success) throw new Error(JSON.stringify(result.errors));
  return result;
}

describe('A build', () => {
  it('is an ES module for the automatic JSX runtime, with its size', async () => {
    const { code, bytes, warnings } = await built({});
    expect(code).toBe(
      'import{jsx}from"react/jsx-runtime";' +
        'export default function Scene(){return jsx("p",{children:"scene"})}\n' +
        'const sceneProps=JSON.parse("{}");export{sceneProps as sceneProps};\n',
    );
    expect(bytes).toBe(code.length);
    expect(warnings).toEqual([]);
  });

  it('has a map that leads back to the source under the name of the scene', async () => {
    const tsxCode = sceneWith('interface Props {}', '', 'const title: string = "here";', 'title;');
    const { code, map } = await built({ name: 'Über uns / 1', tsxCode });
    const payload = JSON.parse(map) as SourceMapPayload;
    expect(payload.sources).toEqual(['%C3%9Cber%20uns%20%2F%201.tsx']);
    expect(payload.sourcesContent).toEqual([tsxCode]);
    const entry = new SourceMap(payload).findEntry(0, code.indexOf('"here"'));
    expect(entry).toMatchObject({ originalLine: 2, originalColumn: 22 });
  });

  it('exports the props it was built with, own keys that look like a prototype included', async () => {
    const props = JSON.parse('{"title":"</script>\u2028","__proto__":{"pwned":1}}') as object;
    const { code } = await built({ props: props as Record<string, unknown> });
    const json = /JSON\.parse\((".*")\)/s.exec(code)?.[1] ?? '';
    expect(JSON.parse(JSON.parse(json) as string)).toEqual(props);
  });

  it('tells warnings from errors', async () => {
    const { warnings } = await built({ tsxCode: sceneWith('', 'const a = { b: 1, b: 2 };', 'a;') });
    expect(warnings).toEqual([
      expect.objectContaining({ line: 2, column: 19, lineText: 'const a = { b: 1, b: 2 };' }),
    ]);
  });
});

describe('Equal sources', () => {
  it('give equal bytes, from any process', async () => {
    await using other = openBuilder({ transformMsMax: PATIENCE_MS });
    const source = { name: 'a', tsxCode: sceneWith(), props: { a: 1, b: { d: 1, c: 2 } } };
    const again = { name: 'a', tsxCode: sceneWith(), props: { b: { c: 2, d: 1 }, a: 1 } };
    expect(await other.build(again)).toEqual(await built(source));
    expect(buildKey(again)).toBe(buildKey(source));
  });

  it('are those that differ in line ends or a byte order mark only', async () => {
    const windows = {
      name: 'a',
      tsxCode: `\uFEFF${sceneWith('const a = `x', '`; a;')}`.replaceAll('\n', '\r\n'),
    };
    const unix = { name: 'a', tsxCode: sceneWith('const a = `x', '`; a;') };
    expect(buildKey(windows)).toBe(buildKey(unix));
    expect(await built(windows)).toEqual(await built(unix));
  });
});

describe('The key of a build', () => {
  it('is a SHA-256 in hex that changes with code, name and props', () => {
    const source = { name: 'a', tsxCode: 'b' };
    const keys = [
      source,
      { ...source, name: 'c' },
      { ...source, tsxCode: 'c' },
      { ...source, props: { a: 1 } },
    ];
    expect(new Set(keys.map(buildKey)).size).toBe(4);
    expect(buildKey(source)).toMatch(/^[0-9a-f]{64}$/);
    expect(buildKey({ ...source, props: {} })).toBe(buildKey(source));
  });
});

describe('Hostile source', () => {
  const trace = join(tmpdir(), `greenroom-executed-${process.pid}`);
  const writes = `process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(trace)}, '');`;

  it.each([
    ['at the top', `globalThis.pwned = 1; ${writes}`],
    [
      'in a constant that could be folded',
      `const a = ((): number => { ${writes} return 1; })(); a;`,
    ],
    ['in an enum', `enum E { A = (() => { ${writes} return 1; })() } E;`],
    ['in a decorator', `const d = () => { ${writes} }; @d class A {} A;`],
    ['in a static block', `class A { static { ${writes} } } A;`],
    ['that ends the process', 'process.exit(1);'],
    ['that never ends', 'for (;;);'],
  ])('is compiled and not executed: %s', async (_title, line) => {
    const { code } = await built({ tsxCode: sceneWith(line) });
    expect(code).toContain('sceneProps');
    expect(existsSync(trace)).toBe(false);
    expect(globalThis).not.toHaveProperty('pwned');
  });

  it('reads no file through any import', async () => {
    const tsxCode = sceneWith("import a from '/etc/passwd';", 'a;');
    const result = await builder.build({ name: 'a', tsxCode });
    expect(result.success).toBe(false);
    expect(JSON.stringify(result)).not.toContain('root:');
  });
});

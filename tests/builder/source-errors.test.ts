// What is wrong with a source is answered with its position, as an editor counts it.

import { afterAll, describe, expect, it } from 'vitest';
import { createBuilder } from '../../src/services/builder/index.ts';
import { errorsOf, messagesOf, PATIENCE_MS, sceneWith } from './builder-fixture.ts';

const builder = createBuilder({ transformMsMax: PATIENCE_MS });
afterAll(() => builder.close());

describe('A syntax error', () => {
  it('has line, column and the line itself', async () => {
    const messages = await messagesOf(builder, 'export default () => (\n  <p>{ a b }</p>\n);\n');
    expect(messages).toEqual([
      { message: 'Expected "}" but found "b"', line: 2, column: 10, lineText: '  <p>{ a b }</p>' },
    ]);
  });

  it('counts columns in characters of the string, not in bytes', async () => {
    const [error] = await messagesOf(builder, 'export default () => <p>é𝄞{ a b }</p>;');
    expect(error).toMatchObject({ line: 1, column: 32 });
  });

  it('keeps its line when lines end as on Windows', async () => {
    const [error] = await messagesOf(builder, 'const a = 1;\r\n\r\nconst = 2;\r\n');
    expect(error).toMatchObject({ line: 3, column: 7, lineText: 'const = 2;' });
  });

  it('at the end is on a line that exists, also behind a map comment', async () => {
    const [error] = await messagesOf(builder, 'export default () => {\n//# sourceMappingURL=a.map');
    expect(error).toMatchObject({ line: 2, column: 27 });
  });

  it('shows a long line cut', async () => {
    const [error] = await messagesOf(builder, `const a = "${'x'.repeat(5_000)}" b;`);
    expect(error?.lineText).toHaveLength(500);
    expect(error?.column).toBe(5_014);
  });
});

const notComponents: [string, string, string][] = [
  ['nothing', 'const a = 1;', '1:1 A scene needs a component as its default export'],
  ['an empty source', '', '1:1 A scene needs a component as its default export'],
  [
    'only a type',
    '\nexport default interface A {}',
    '1:1 A scene needs a component as its default export',
  ],
  [
    'CommonJS',
    'module.exports = () => <p />;',
    '1:1 A scene needs a component as its default export',
  ],
  [
    'a string',
    'const a = "x";\n\n  export default a;',
    '3:3 A scene needs a component as its default export, not a string',
  ],
  [
    'an element',
    'export default <p />;',
    '1:1 A scene needs a component as its default export, not an element: export a function that returns it',
  ],
  [
    'an object',
    'const a = {};\nconst b = a;\nexport { b as default };',
    '3:10 A scene needs a component as its default export, not an object',
  ],
  [
    'an async function',
    'export default async () => <p />;',
    '1:1 A scene needs a component as its default export, not an async function',
  ],
  [
    'a generator',
    'function* a() {}\nexport default a;',
    '2:1 A scene needs a component as its default export, not a generator',
  ],
  [
    'what is not declared',
    '\nexport default Scene;',
    '2:1 A scene needs a component as its default export; Scene is not declared in the scene',
  ],
  [
    "another module's",
    "export { Fragment as default } from 'react';",
    '1:10 A scene needs a component as its default export, written in the scene itself',
  ],
];

describe('A scene is refused that exports', () => {
  it.each(notComponents)('%s', async (_title, source, error) => {
    expect(await errorsOf(builder, source)).toEqual([error]);
  });
});

describe('A scene is built that exports', () => {
  it.each([
    ['a function', 'export default function () { return <p />; }'],
    [
      'an arrow function through a typed constant',
      "import type { FC } from 'react';\nconst A: FC = () => <p />;\nexport default A;",
    ],
    ['a class', "import { Component } from 'react';\nexport default class A extends Component {}"],
    ['memo()', "import { memo } from 'react';\nexport default memo(() => <p />);"],
    ['a name', 'function A() { return <p />; }\nexport { A as default };'],
    ['a member of a list', 'const [A] = [() => <p />];\nexport default A;'],
  ])('%s', async (_title, source) => {
    expect(await errorsOf(builder, source)).toEqual([]);
  });

  it('but not under the name that the props have', async () => {
    expect(await errorsOf(builder, sceneWith('export const sceneProps = 1;'))).toEqual([
      '1:1 The export sceneProps is reserved for props',
    ]);
  });
});

describe('A source over a limit is refused', () => {
  it('for its size, where the limit is crossed', async () => {
    const [error] = await messagesOf(builder, `${sceneWith()}//${'é'.repeat(140_000)}`);
    expect(error?.message).toMatch(/^The scene is 2800\d\d bytes; at most 262144 are allowed$/);
    expect(error).toMatchObject({ line: 4, column: 131_044 });
  });

  it('for the size of its build', async () => {
    // esbuild writes the value of an enum's member wherever it is used.
    const text = 'x'.repeat(100_000);
    const [error] = await messagesOf(
      builder,
      sceneWith(`enum E { A = '${text}' }`, 'E.A;'.repeat(20)),
    );
    expect(error?.message).toMatch(/^The built scene is \d+ bytes; at most 1048576 are allowed$/);
  });

  it('for nesting that the parsers cannot follow', async () => {
    const nested = '<a>'.repeat(5_000) + '</a>'.repeat(5_000);
    const [error] = await messagesOf(builder, `export default () => ${nested};`);
    expect(error?.message).toMatch(/stack|nested/);
  });

  it('with no more errors than anyone reads', async () => {
    const imports = Array.from({ length: 200 }, (_, i) => `import 'package-${i}';`);
    expect(await errorsOf(builder, sceneWith(...imports))).toHaveLength(20);
  });
});

// Every way in which a scene could load other code is an error at the place where it is written.

import { afterAll, describe, expect, it } from 'vitest';
import { createBuilder } from '../../src/services/builder/index.ts';
import { errorsOf, messagesOf, PATIENCE_MS, sceneWith } from './builder-fixture.ts';

const builder = createBuilder({ transformMsMax: PATIENCE_MS });
afterAll(() => builder.close());

const refused: { form: string; lines: string[]; at: string[] }[] = [
  { form: 'a default import', lines: ["import _ from 'lodash';"], at: ['1:15'] },
  {
    form: 'an import over several lines',
    lines: ["import * as React from 'react';", 'import {', '  chunk,', "} from 'lodash';"],
    at: ['4:8'],
  },
  { form: 'an import for its effect', lines: ['', 'import "./side.css";'], at: ['2:8'] },
  { form: 'an import that nothing uses', lines: ["import * as fs from 'node:fs';"], at: ['1:21'] },
  { form: 'an import from an address', lines: ["import 'https://example.com/a.js';"], at: ['1:8'] },
  { form: 'a name that only begins well', lines: ["import 'react/../../secret';"], at: ['1:8'] },
  { form: 'an escaped name', lines: ["import 'l\\u006fdash';"], at: ['1:8'] },
  {
    form: 'import attributes',
    lines: ["import a from './a.json' with { type: 'json' };", 'a;'],
    at: ['1:15'],
  },
  { form: 'export * from', lines: ["export * from './a';"], at: ['1:15'] },
  { form: 'export * as from', lines: ["export * as a from './a';"], at: ['1:20'] },
  { form: 'export names from', lines: ["/* one */ export { a, b } from './a';"], at: ['1:32'] },
  { form: 'import()', lines: ["const load = () => import('lodash');"], at: ['1:27'] },
  {
    form: 'import() in JSX',
    lines: ["const a = <p onClick={() => void import('./a')} />;"],
    at: ['1:41'],
  },
  { form: 'import() of a template', lines: ['import(`lodash`);'], at: ['1:8'] },
  {
    form: 'import() of what is known only later',
    lines: ['const load = (name: string) =>', '  import(name);'],
    at: ['2:3'],
  },
  { form: 'import() of a computed name', lines: ['void import(`re${"act"}`, {});'], at: ['1:6'] },
  { form: 'require()', lines: ["const fs = require('node:fs');"], at: ['1:12'] },
  { form: 'require under another name', lines: ['const load = require;'], at: ['1:14'] },
  { form: 'require.resolve', lines: ["require.resolve('a');"], at: ['1:1'] },
  { form: 'import x = require()', lines: ["import fs = require('node:fs');"], at: ['1:13'] },
  {
    form: 'export import x = require()',
    lines: ["export import fs = require('fs');"],
    at: ['1:20'],
  },
  { form: 'import.meta', lines: ['const here = import.meta.url;'], at: ['1:14'] },
  { form: 'import.meta, taken apart', lines: ['const { resolve } = import.meta;'], at: ['1:21'] },
  { form: 'a reference to a path', lines: ['/// <reference path="../a.d.ts" />'], at: ['1:1'] },
  {
    form: 'a reference below other comments',
    lines: ['/* one */ // two', '', '  /// <reference types="node" />'],
    at: ['3:3'],
  },
  { form: 'a JSX pragma', lines: ['/** @jsxImportSource preact */'], at: ['1:5'] },
  { form: 'import defer', lines: ["import defer * as a from 'a';"], at: ['1:8'] },
  { form: 'import source', lines: ["import source a from 'a';"], at: ['1:8'] },
  {
    form: 'several at once, in order',
    lines: ["import a from 'a';", "require('b');", "void import('c');", 'a;'],
    at: ['1:15', '2:1', '3:13'],
  },
];

describe('A scene cannot load other code by', () => {
  it.each(refused)('$form', async ({ lines, at }) => {
    const errors = await errorsOf(builder, sceneWith(...lines));
    expect(errors.map((error) => error.split(' ')[0])).toEqual(at);
  });

  it('a map of its own, which would move the error elsewhere', async () => {
    const map = { version: 3, sources: ['innocent.ts'], names: [], mappings: 'AAAA;AACA;AACA' };
    const encoded = Buffer.from(JSON.stringify(map)).toString('base64');
    const url = `//# sourceMappingURL=data:application/json;base64,${encoded}`;
    const errors = await errorsOf(builder, sceneWith('', "import 'lodash';") + url);
    expect(errors).toEqual([
      '2:8 Import "lodash" is not available in a scene; available are react and react/jsx-runtime',
    ]);
  });
});

describe('The error for an import', () => {
  it('names the module, what is available, and shows the line', async () => {
    const messages = await messagesOf(builder, sceneWith("import _ from 'lodash'; // why not?"));
    expect(messages).toEqual([
      {
        message:
          'Import "lodash" is not available in a scene; available are react and react/jsx-runtime',
        line: 1,
        column: 15,
        lineText: "import _ from 'lodash'; // why not?",
      },
    ]);
  });
});

describe('A scene may', () => {
  it.each([
    ['import from react', "import React, { useState } from 'react';"],
    ['import what JSX is compiled to', "import { jsx } from 'react/jsx-runtime';"],
    ['import() react', "const load = () => import('react');"],
    ['import types from anywhere, which leave no trace', "import type { A } from './a';"],
    ['have a property named require', 'const a = { require: 1 }; a.require;'],
    ['say import in a string', 'const a = "import(\'x\')"; // import "y"'],
    ['mention a reference below its first line', 'let a;\n/// <reference path="a" />'],
  ])('%s', async (_title, line) => {
    expect(await errorsOf(builder, sceneWith(line))).toEqual([]);
  });
});

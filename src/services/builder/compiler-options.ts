// How esbuild is called. Nothing here depends on the machine or on files, so equal sources give
// equal bytes and a build can be addressed by its content (build-key.ts).
//
// The file is always called scene.tsx here; the scene's own name is put into the map afterwards,
// so that no name can reach esbuild. `format` is left unset: 'esm' would wrap CommonJS code into a
// module of its own making and hide its `require` calls from the inspection.

import type { TransformOptions } from 'esbuild';
import { MESSAGES_MAX } from './limits.ts';

export const COMPILER_OPTIONS = {
  loader: 'tsx',
  jsx: 'automatic',
  target: 'es2022',
  platform: 'browser',
  charset: 'utf8',
  sourcemap: 'external',
  sourcefile: 'scene.tsx',
  legalComments: 'none',
  treeShaking: false,
  // The indentation of deeply nested code grows with the square of its depth: 256 KB of source
  // could become gigabytes of spaces. The source map keeps the result readable.
  minifyWhitespace: true,
  logLevel: 'silent',
  logLimit: MESSAGES_MAX,
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
} as const satisfies TransformOptions;

/** As above, but imports that are never used stay, so that they can be inspected too. */
export const INSPECTION_OPTIONS = {
  ...COMPILER_OPTIONS,
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: true, verbatimModuleSyntax: true } },
} as const satisfies TransformOptions;

// Triple-slash directives (`/// <reference path="…" />`, `/// <amd-dependency …/>`) and
// `@jsxImportSource` name other modules in comments, which esbuild drops or obeys silently.

/** Directives count only above the first statement, as in TypeScript. */
export function referenceDirectives(source: string): number[] {
  const offsets: number[] = [];
  const blankOrComment = /\s+|\/\/[^\n\u2028\u2029]*|\/\*[\s\S]*?\*\/|^#![^\n]*/y;
  for (let start = 0; ; start = blankOrComment.lastIndex) {
    blankOrComment.lastIndex = start;
    const [text] = blankOrComment.exec(source) ?? [];
    if (text === undefined) return offsets;
    if (/^\/\/\/\s*<(reference|amd-dependency|amd-module)\b/i.test(text)) {
      offsets.push(start);
    }
  }
}

/** Where a pragma asks for the module that a compiled JSX import names. */
export function jsxPragmaOffset(source: string, specifier: string): number | undefined {
  const offset = source.search(/@jsxImportSource\b/);
  if (offset === -1) return undefined;
  const name = /@jsxImportSource\s+(\S+)/.exec(source)?.[1] ?? '';
  return specifier.startsWith(`${name}/`) ? offset : undefined;
}

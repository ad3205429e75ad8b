// One scene, from TSX to an inspected ES module. Runs in a worker process (compile-worker.ts), never
// in the server: a compiler given hostile text may loop or run out of memory. The source is parsed
// and rewritten; nothing here evaluates it. Uses esbuild's `transform` only, which reads no file.

import type { Program } from 'acorn';
import { type Message, transform } from 'esbuild';
import type { BuildMessage, BuildResult } from './build-result.ts';
import type { CanonicalSource } from './canonical-source.ts';
import { COMPILER_OPTIONS, INSPECTION_OPTIONS } from './compiler-options.ts';
import { defaultExportFault, exportsName } from './default-export.ts';
import { type Finding, forbiddenImports } from './forbidden-imports.ts';
import { MESSAGES_MAX, OUTPUT_BYTES_MAX } from './limits.ts';
import { createOffsetMap, type SourcePositions, sourcePositions } from './positions.ts';
import { jsxPragmaOffset, referenceDirectives } from './reference-directives.ts';
import { parseModule } from './syntax-tree.ts';

const DIRECTIVE = 'A triple-slash directive is not available in a scene';

export async function compile({ name, tsxCode, propsJson }: CanonicalSource): Promise<BuildResult> {
  const positions = sourcePositions(tsxCode);
  const input = withoutSourceMap(tsxCode);
  try {
    // esbuild leaves out an import whose names are unused or types, as TypeScript does. The code
    // is right without them; the author still hears of one that is not allowed.
    const complete = await transform(input, INSPECTION_OPTIONS);
    const directives = referenceDirectives(tsxCode);
    const errors = [
      ...directives.map((offset) => positions.at(offset, DIRECTIVE)),
      ...inspect(tsxCode, complete, positions),
    ];
    if (errors.length > 0) return { success: false, errors: inOrder(errors) };

    const output = await transform(input, COMPILER_OPTIONS);
    const remaining = inspect(tsxCode, output, positions);
    if (remaining.length > 0) return { success: false, errors: inOrder(remaining) };

    const code = output.code + propsExport(output.code, propsJson);
    const bytes = Buffer.byteLength(code);
    if (bytes > OUTPUT_BYTES_MAX) {
      const message = `The built scene is ${bytes} bytes; at most ${OUTPUT_BYTES_MAX} are allowed`;
      return { success: false, errors: [positions.at(0, message)] };
    }
    const warnings = inOrder(output.warnings.map((warning) => fromEsbuild(warning, positions)));
    return { success: true, code, map: ownMap(output.map, name, tsxCode), warnings, bytes };
  } catch (error) {
    return { success: false, errors: inOrder(compileErrors(error, positions)) };
  }
}

/** Findings of one parse of the output, at their positions in the source. */
function inspect(
  source: string,
  output: { code: string; map: string },
  positions: SourcePositions,
): BuildMessage[] {
  const findings = findingsIn(output.code);
  if (findings.length === 0) return [];
  const sourceOffset = createOffsetMap(source, output.code, output.map);
  return findings.map((found) => {
    const mapped = found.offset === undefined ? undefined : sourceOffset(found.offset);
    return positions.at(refined(source, found, mapped), found.message);
  });
}

function findingsIn(code: string): Finding[] {
  let program: Program;
  try {
    program = parseModule(code);
  } catch (error) {
    // What acorn does not understand was not inspected, so it is not let through.
    if (!(error instanceof SyntaxError)) throw error;
    const offset = 'pos' in error ? Number(error.pos) : undefined;
    return [{ offset, message: error.message.replace(/ \(\d+:\d+\)$/, '') }];
  }
  const findings = forbiddenImports(program);
  const fault = defaultExportFault(program);
  if (fault) findings.push(fault);
  if (exportsName(program, 'sceneProps')) {
    findings.push({ offset: undefined, message: 'The export sceneProps is reserved for props' });
  }
  return findings;
}

// The map knows statements and expressions, not always the string in them that names a module.
function refined(source: string, { specifier }: Finding, mapped: number | undefined): number {
  if (specifier === undefined) return mapped ?? 0;
  const pragma = jsxPragmaOffset(source, specifier);
  if (pragma !== undefined) return pragma;
  const quoted = [`'${specifier}'`, `"${specifier}"`].map((text) =>
    source.indexOf(text, mapped ?? 0),
  );
  const found = quoted.filter((offset) => offset !== -1);
  return found.length > 0 ? Math.min(...found) : (mapped ?? 0);
}

// A source may end in a `sourceMappingURL` comment with a map inside, which esbuild would apply: the
// scene could then choose the positions of its own errors. The last such comment counts, and one
// without a data: URL is ignored.
function withoutSourceMap(source: string): string {
  return source.includes('sourceMappingURL')
    ? `${source}\n//# sourceMappingURL=scene.tsx.map`
    : source;
}

function ownMap(map: string, name: string, source: string): string {
  const parsed = JSON.parse(map) as Record<string, unknown>;
  const sources = [`${encodeURIComponent(name)}.tsx`];
  return JSON.stringify({ ...parsed, sources, sourcesContent: [source] });
}

// JSON.parse of a string, because `__proto__` in an object literal would set the prototype.
function propsExport(code: string, propsJson: string): string {
  let local = 'sceneProps';
  while (code.includes(local)) local += '_';
  return `const ${local}=JSON.parse(${JSON.stringify(propsJson)});export{${local} as sceneProps};\n`;
}

function compileErrors(error: unknown, positions: SourcePositions): BuildMessage[] {
  if (isBuildFailure(error)) return error.errors.map((each) => fromEsbuild(each, positions));
  if (error instanceof RangeError) {
    return [positions.at(0, 'The code is nested too deeply')];
  }
  throw error;
}

function isBuildFailure(error: unknown): error is { errors: Message[] } {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function fromEsbuild({ text, location }: Message, positions: SourcePositions): BuildMessage {
  return positions.atLocation(location, text);
}

/** Sorted by position, each once, at most MESSAGES_MAX. */
function inOrder(messages: BuildMessage[]): BuildMessage[] {
  const distinct = new Map(
    messages.map((each) => [`${each.line}:${each.column}:${each.message}`, each]),
  );
  return [...distinct.values()]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, MESSAGES_MAX);
}

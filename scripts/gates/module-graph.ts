/**
 * Reads the modules of a tree with a real parser: what each imports, where the path leads, whether the
 * import survives to run time, and where it reads the environment. `import { type X }` is not type-only:
 * with `verbatimModuleSyntax` the module is still loaded. `import type` and `import('x').Y` are.
 * Paths are relative to the tree's root with forward slashes; lines count from 1.
 */
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export interface Import {
  /** As written. */
  specifier: string;
  /** The file it leads to, if it is written as a relative path. */
  target: string | undefined;
  /** False when `target` is not there. */
  exists: boolean;
  typeOnly: boolean;
  line: number;
}

export interface Module {
  path: string;
  imports: Import[];
  /** Lines that read process.env or import.meta.env. */
  environmentReads: number[];
}

/** Throws when a file does not parse: a module that cannot be read must not count as checked. */
export async function readModules(root: string, folders: readonly string[]): Promise<Module[]> {
  const modules: Module[] = [];
  for (const folder of folders) {
    const pattern = `${folder}/**/*.{ts,tsx,mts,js,mjs}`;
    // A folder of its own packages may hold folders that are named like files, too.
    for await (const file of glob(pattern, { cwd: root, exclude: ['**/node_modules'] })) {
      const path = file.replaceAll('\\', '/');
      modules.push(parseModule(root, path, await readFile(join(root, path), 'utf8')));
    }
  }
  return modules.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function parseModule(root: string, path: string, source: string): Module {
  const { program, errors } = parseSync(path, source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} does not parse: ${error.message}`);
  const imports: Import[] = [];
  const environmentReads: number[] = [];
  const lineOf = (offset: number): number => source.slice(0, offset).split('\n').length;

  function addImport(specifier: string, typeOnly: boolean, offset: number): void {
    const file = specifier.startsWith('.') ? resolve(root, dirname(path), specifier) : undefined;
    imports.push({
      specifier,
      target: file === undefined ? undefined : relative(root, file).replaceAll('\\', '/'),
      exists: file === undefined || existsSync(file),
      typeOnly,
      line: lineOf(offset),
    });
  }

  new Visitor({
    ImportDeclaration(node) {
      addImport(node.source.value, node.importKind === 'type', node.start);
      const readsEnvironment = /^(node:)?process$/.test(node.source.value);
      for (const { type, ...rest } of readsEnvironment ? node.specifiers : []) {
        if (type !== 'ImportSpecifier' || !('imported' in rest)) continue;
        const { imported } = rest;
        const name = imported.type === 'Identifier' ? imported.name : imported.value;
        if (name === 'env') environmentReads.push(lineOf(node.start));
      }
    },
    ExportAllDeclaration(node) {
      addImport(node.source.value, node.exportKind === 'type', node.start);
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null)
        addImport(node.source.value, node.exportKind === 'type', node.start);
    },
    ImportExpression(node) {
      const { source: target } = node;
      if (target.type === 'Literal' && typeof target.value === 'string') {
        addImport(target.value, false, node.start);
      }
    },
    TSImportType(node) {
      addImport(node.source.value, true, node.start);
    },
    MemberExpression(node) {
      const name =
        node.property.type === 'Identifier' ? node.property.name : literal(node.property);
      if (name === 'env' && isProcess(node.object)) environmentReads.push(lineOf(node.start));
    },
    VariableDeclarator(node) {
      if (node.id.type !== 'ObjectPattern' || node.init === null || !isProcess(node.init)) return;
      for (const property of node.id.properties) {
        if (property.type === 'Property' && 'name' in property.key && property.key.name === 'env') {
          environmentReads.push(lineOf(node.start));
        }
      }
    },
  }).visit(program);
  return { path, imports, environmentReads };
}

interface AnyNode {
  type: string;
}

function literal(node: AnyNode): unknown {
  return 'value' in node ? node.value : undefined;
}

/** `process`, `globalThis.process` and `import.meta`. */
function isProcess(node: AnyNode): boolean {
  if (node.type === 'Identifier') return 'name' in node && node.name === 'process';
  if (node.type === 'MetaProperty') return true;
  if (node.type !== 'MemberExpression' || !('property' in node)) return false;
  return isProcess(node.property as AnyNode);
}

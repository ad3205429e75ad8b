// Finds what would load other code than the allowed modules: import and export declarations,
// import(), import.meta and require. It looks at the code that esbuild wrote, because that is what
// runs: whatever TypeScript syntax an import hides in (`import x = require()`, a JSX pragma), it
// has one of these five forms here. Code made at run time (eval, new Function, a script element) is
// not an import; the preview's sandbox and content security policy answer for that.

import type { AnyNode, Expression, Program } from 'acorn';
import { ALLOWED_IMPORTS, isAllowedImport } from './allowed-imports.ts';
import { type Visit, walk } from './syntax-tree.ts';

export interface Finding {
  /** Offset in the inspected code; undefined for what concerns all of it. */
  offset: number | undefined;
  message: string;
  /** The module asked for, where it is known. */
  specifier?: string;
}

const AVAILABLE = `available are ${ALLOWED_IMPORTS.join(' and ')}`;

export function forbiddenImports(program: Program): Finding[] {
  const findings: Finding[] = [];
  for (const visit of walk(program)) {
    const finding = forbidden(visit);
    if (finding) findings.push(finding);
  }
  return findings;
}

function forbidden({ node, parent, key }: Visit): Finding | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return module(node.source.value, node.source.start);
    case 'ExportNamedDeclaration':
      return node.source ? module(node.source.value, node.source.start) : undefined;
    case 'ImportExpression': {
      const specifier = constantString(node.source);
      if (specifier !== undefined) return module(specifier, node.source.start);
      const message = `import() needs a module's name as a plain string in a scene; ${AVAILABLE}`;
      return { offset: node.start, message };
    }
    case 'MetaProperty':
      if (node.meta.name !== 'import') return undefined;
      return { offset: node.start, message: 'import.meta is not available in a scene' };
    case 'Identifier':
      if (node.name !== 'require' || !isReference(parent, key)) return undefined;
      return required(node.start, parent, key);
    default:
      return undefined;
  }
}

function module(specifier: unknown, offset: number): Finding | undefined {
  if (typeof specifier === 'string' && isAllowedImport(specifier)) return undefined;
  const message = `Import "${String(specifier)}" is not available in a scene; ${AVAILABLE}`;
  return { offset, message, specifier: String(specifier) };
}

// Also where a scene declares a `require` of its own: not worth a scope analysis.
function required(offset: number, parent: AnyNode | undefined, key: string): Finding {
  const argument =
    parent?.type === 'CallExpression' && key === 'callee' ? parent.arguments[0] : undefined;
  const specifier =
    argument && argument.type !== 'SpreadElement' ? constantString(argument) : undefined;
  const called = specifier === undefined ? 'require' : `require("${specifier}")`;
  const message = `${called} is not available in a scene; use import, ${AVAILABLE}`;
  return { offset, message };
}

function constantString(node: Expression): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) {
    return node.quasis[0]?.value.cooked ?? undefined;
  }
  return undefined;
}

/** False for the names of properties, labels and exports, which refer to no variable. */
function isReference(parent: AnyNode | undefined, key: string): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return key === 'object' || parent.computed;
    case 'Property':
    case 'PropertyDefinition':
    case 'MethodDefinition':
      return key === 'value' || parent.computed;
    case 'ExportSpecifier':
      return key === 'local';
    case 'ImportSpecifier':
      return key === 'local';
    case 'LabeledStatement':
      return key !== 'label';
    case 'BreakStatement':
    case 'ContinueStatement':
      return false;
    default:
      return true;
  }
}

// Says why a module's default export cannot be a React component, or undefined if it may be one.
// The code is not run, so this refuses only what is certain: a value of another kind, an element
// instead of its component, a name that nothing declares, an async function (React renders those on
// a server only). What a call such as memo() returns is taken on trust.

import type { AnyNode, Expression, Program } from 'acorn';
import type { Finding } from './forbidden-imports.ts';

const MISSING = 'A scene needs a component as its default export';

/** `const A = B; const B = C; …`: longer chains are taken on trust. */
const ALIASES_MAX = 20;

type Exported = Expression | AnyNode;

export function defaultExportFault(program: Program): Finding | undefined {
  for (const statement of program.body) {
    if (statement.type === 'ExportDefaultDeclaration') {
      return fault(program, statement.declaration, statement.start);
    }
    if (statement.type === 'ExportAllDeclaration' && nameOf(statement.exported) === 'default') {
      return { offset: statement.start, message: `${MISSING}, not a module` };
    }
    if (statement.type !== 'ExportNamedDeclaration') continue;
    for (const specifier of statement.specifiers) {
      if (nameOf(specifier.exported) !== 'default') continue;
      if (!statement.source) return fault(program, specifier.local, specifier.start);
      return { offset: specifier.start, message: `${MISSING}, written in the scene itself` };
    }
  }
  return { offset: undefined, message: MISSING };
}

function fault(program: Program, exported: Exported, offset: number): Finding | undefined {
  let value = exported;
  for (let aliases = 0; value.type === 'Identifier' && aliases < ALIASES_MAX; aliases++) {
    const { name } = value;
    const declared = declaration(program, name);
    if (declared === undefined) {
      return { offset, message: `${MISSING}; ${name} is not declared in the scene` };
    }
    if (declared === 'unknown') return undefined;
    value = declared;
  }
  const kind = otherKind(value);
  return kind === undefined ? undefined : { offset, message: `${MISSING}, not ${kind}` };
}

/** What a name is declared as at the top of the module; 'unknown' where that needs running it. */
function declaration(program: Program, name: string): Exported | 'unknown' | undefined {
  for (const statement of program.body) {
    const declared =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
        ? statement.declaration
        : statement;
    switch (declared?.type) {
      case 'ImportDeclaration':
        if (declared.specifiers.some((specifier) => specifier.local.name === name))
          return 'unknown';
        break;
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        if (declared.id?.name === name) return declared;
        break;
      case 'VariableDeclaration':
        for (const { id, init } of declared.declarations) {
          if (id.type !== 'Identifier') {
            // A pattern may declare any name.
            if (mentions(id, name)) return 'unknown';
          } else if (id.name === name) {
            return declared.kind === 'const' && init ? init : 'unknown';
          }
        }
        break;
      default:
    }
  }
  return undefined;
}

function mentions(pattern: AnyNode, name: string): boolean {
  switch (pattern.type) {
    case 'Identifier':
      return pattern.name === name;
    case 'ObjectPattern':
      return pattern.properties.some((property) =>
        mentions(property.type === 'Property' ? property.value : property.argument, name),
      );
    case 'ArrayPattern':
      return pattern.elements.some((element) => element !== null && mentions(element, name));
    case 'AssignmentPattern':
      return mentions(pattern.left, name);
    case 'RestElement':
      return mentions(pattern.argument, name);
    default:
      return false;
  }
}

/** A component's element is made by calling one of these; esbuild may number them. */
const ELEMENT_CALL = /^(jsx|jsxs|createElement)\d*$/;

function otherKind(value: Exported): string | undefined {
  switch (value.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if (value.generator) return 'a generator';
      return value.async ? 'an async function' : undefined;
    case 'Literal':
      return value.value === null
        ? 'null'
        : `a ${'regex' in value ? 'pattern' : typeof value.value}`;
    case 'TemplateLiteral':
      return 'a string';
    case 'ObjectExpression':
      return 'an object';
    case 'ArrayExpression':
      return 'an array';
    case 'UnaryExpression':
    case 'UpdateExpression':
    case 'BinaryExpression':
      return 'the result of an operator';
    case 'NewExpression':
      return 'an instance';
    case 'CallExpression':
      return value.callee.type === 'Identifier' && ELEMENT_CALL.test(value.callee.name)
        ? 'an element: export a function that returns it'
        : undefined;
    default:
      return undefined;
  }
}

function nameOf(node: AnyNode | null | undefined): string | undefined {
  if (node?.type === 'Identifier') return node.name;
  return node?.type === 'Literal' ? String(node.value) : undefined;
}

/** Whether the module exports a name, other than by `export *`. */
export function exportsName(program: Program, name: string): boolean {
  return program.body.some((statement) => {
    if (statement.type === 'ExportAllDeclaration') return nameOf(statement.exported) === name;
    if (statement.type !== 'ExportNamedDeclaration') return false;
    if (statement.specifiers.some((specifier) => nameOf(specifier.exported) === name)) return true;
    const { declaration: declared } = statement;
    if (declared?.type === 'VariableDeclaration') {
      return declared.declarations.some(({ id }) => mentions(id, name));
    }
    return declared?.id?.name === name;
  });
}

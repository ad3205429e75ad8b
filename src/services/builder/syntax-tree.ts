// The built code as a tree (acorn), and a walk over it that cannot overflow the stack whatever the
// nesting. acorn itself recurses: what is nested too deeply for it throws RangeError.

import { type AnyNode, type Node, type Program, parse } from 'acorn';

export function parseModule(code: string): Program {
  return parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
}

export interface Visit {
  node: AnyNode;
  parent: AnyNode | undefined;
  /** The property of `parent` that holds the node. */
  key: string;
}

/** Every node, in no particular order. */
export function* walk(program: Program): Generator<Visit> {
  const open: Visit[] = [{ node: program, parent: undefined, key: '' }];
  for (let visit = open.pop(); visit; visit = open.pop()) {
    yield visit;
    const { node } = visit;
    for (const [key, value] of Object.entries(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child)) open.push({ node: child, parent: node, key });
      }
    }
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

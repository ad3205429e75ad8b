/**
 * What a SQL statement names and is, by PostgreSQL's own parser (libpg-query, WebAssembly).
 * Tables outside `public` are `schema.table`; names of common table expressions are not tables.
 * It sees what is written: a table that is read only inside a SQL function is not found, nor
 * one in a text that a function runs as SQL.
 *
 * The parser is loaded when it is asked for and not with this module: waiting at the top level would keep
 * CommonJS apps (and drizzle-kit) from loading any module that imports this one.
 */

/** Statements differ in their text, not in their parameters; an application has a few hundred. */
const STATEMENTS_MAX = 1_000;

let parse: ((text: string) => unknown) | undefined;
const known = new Map<string, Inspection>();

export interface Inspection {
  readonly tables: readonly string[];
  /** Nothing but queries: no command, and no function that changes a setting. */
  readonly isQuery: boolean;
}

/** To be awaited before the first statement; again it costs nothing. */
export async function loadParser(): Promise<void> {
  if (parse) return;
  const { loadModule, parseSync } = await import('libpg-query');
  await loadModule();
  parse = parseSync;
}

/** @throws libpg-query's `SqlError` for text that PostgreSQL would not parse either */
export function inspectStatement(text: string): Inspection {
  let inspection = known.get(text);
  if (!inspection) {
    if (!parse) throw new Error('loadParser() was not awaited');
    const parsed = parse(text) as { stmts?: { stmt: Node }[] };
    const tables = new Set<string>();
    collect(parsed, new Set(), tables);
    const statements = parsed.stmts ?? [];
    const isQuery = statements.every(({ stmt }) => isQueryNode(stmt)) && !setsConfig(parsed);
    inspection = { tables: [...tables], isQuery };
    const oldest = known.size >= STATEMENTS_MAX ? known.keys().next() : undefined;
    if (oldest && !oldest.done) known.delete(oldest.value);
    known.set(text, inspection);
  }
  return inspection;
}

type Node = Record<string, unknown>;

function isQueryNode(statement: Node): boolean {
  const explained = statement['ExplainStmt'];
  if (isNode(explained)) return isNode(explained['query']) && isQueryNode(explained['query']);
  return 'SelectStmt' in statement || 'VariableShowStmt' in statement;
}

function setsConfig(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(setsConfig);
  if (!isNode(node)) return false;
  const name = Array.isArray(node['funcname']) ? (node['funcname'].at(-1) as Node) : undefined;
  const text = isNode(name?.['String']) ? name['String']['sval'] : undefined;
  return text === 'set_config' || Object.values(node).some(setsConfig);
}

/** `names` are the common table expressions in scope, which hide tables of the same name. */
function collect(node: unknown, names: ReadonlySet<string>, found: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, names, found);
    return;
  }
  if (!isNode(node)) return;
  if (isNode(node['RangeVar'])) addTable(node['RangeVar'], names, found);
  // FOR UPDATE OF names aliases, not tables.
  const { withClause, lockedRels: _lockedRels, ...rest } = node;
  const inner = isNode(withClause) ? collectExpressions(withClause, names, found) : names;
  // The target of INSERT, UPDATE and DELETE is a bare RangeVar without its wrapper.
  if (isNode(rest['relation'])) addTable(rest['relation'], inner, found);
  for (const value of Object.values(rest)) collect(value, inner, found);
}

function collectExpressions(
  withClause: Node,
  names: ReadonlySet<string>,
  found: Set<string>,
): ReadonlySet<string> {
  const inner = new Set(names);
  const expressions = Array.isArray(withClause['ctes']) ? withClause['ctes'] : [];
  for (const expression of expressions.map((item: Node) => item['CommonTableExpr'])) {
    if (!isNode(expression)) continue;
    const name = String(expression['ctename']);
    // Only a recursive expression sees itself; otherwise its own name means the table.
    if (withClause['recursive']) inner.add(name);
    collect(expression['ctequery'], inner, found);
    inner.add(name);
  }
  return inner;
}

function addTable(range: Node, names: ReadonlySet<string>, found: Set<string>): void {
  const { relname, schemaname } = range;
  if (typeof relname !== 'string') return;
  if (typeof schemaname === 'string' && schemaname !== 'public')
    found.add(`${schemaname}.${relname}`);
  else if (typeof schemaname === 'string' || !names.has(relname)) found.add(relname);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

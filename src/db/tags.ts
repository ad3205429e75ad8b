/**
 * Which tags a row of a table gives rise to: declared once, beside the table, and used twice.
 * The write side generates triggers from it (triggers.ts), the read side builds its tags with it.
 *
 * A template is text with column names in braces: `scene:{id}`. The names are Drizzle's property
 * names; a name that the table lacks is a compile error. `{token|sha256}` stands for the hex digest
 * of a column that must not be seen in a tag. Tag grammar: words and values joined by colons;
 * `table:<name>` is every table's own tag, used when a change is too large to list.
 *
 * A builder's tag must be the very text that PostgreSQL makes of the row that the value finds, or
 * a change of the row goes unnoticed. So only columns will do of which equal values have one text,
 * and uuids are written as PostgreSQL writes them, however the caller did.
 *
 * Knows no cache and no connection. Throws `TagError` on a declaration or a value it cannot use.
 */
import { hash } from 'node:crypto';
import { getTableColumns, getTableName, type Table } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';

export type TableEvent = 'insert' | 'update' | 'delete';

/** The column names in braces of a template: `'a:{x}:{y|sha256}'` gives `'x' | 'y'`. */
type ParametersOf<Template extends string> =
  Template extends `${string}{${infer Name}}${infer Rest}`
    ? (Name extends `${infer Column}|sha256` ? Column : Name) | ParametersOf<Rest>
    : never;

type RowOf<TTable extends Table> = TTable['$inferSelect'];

/** Templates whose every name is a column of the table; anything else is `never`, a compile error. */
type ValidTemplates<TTable extends Table, Templates extends Record<string, string>> = {
  [Name in keyof Templates]: ParametersOf<Templates[Name]> extends keyof RowOf<TTable>
    ? Templates[Name]
    : never;
};

/** Builds the tag of one template, from the values of its columns. */
export type TagBuilder<TTable extends Table, Template extends string> = (
  values: Pick<RowOf<TTable>, ParametersOf<Template> & keyof RowOf<TTable>>,
) => string;

export interface TableTags {
  readonly table: PgTable;
  /** Schema-less name of the table; tables outside `public` are named `schema.table`. */
  readonly tableName: string;
  readonly templates: readonly string[];
  /** Which events are recorded. `truncate` always is. */
  readonly events: readonly TableEvent[];
}

export class TagError extends Error {
  override readonly name = 'TagError';
}

const declarations = new WeakMap<object, TableTags>();

/**
 * Declares the tags of a table.
 *
 * @param templates  by the name under which readers use them
 * @param options.events  Recorded events, default all three. Leave `insert` out only for a table
 *   of which no reader ever caches the absence of a row (content-addressed tables).
 * @example
 * const sceneTags = declareTags(scenes, { one: 'scene:{id}', ofProject: 'project:{projectId}:scenes' });
 * sceneTags.one({ id: '42' }); // 'scene:42'
 */
export function declareTags<TTable extends PgTable, const Templates extends Record<string, string>>(
  table: TTable,
  templates: Templates & ValidTemplates<TTable, Templates>,
  options: { events?: readonly TableEvent[] } = {},
): { readonly [Name in keyof Templates]: TagBuilder<TTable, Templates[Name]> } {
  const builders: Record<string, (values: Record<string, unknown>) => string> = {};
  for (const [name, template] of Object.entries<string>(templates)) {
    const kinds = kindsOf(table, template);
    builders[name] = (values) => fillTemplate(template, values, kinds);
  }
  declarations.set(builders, {
    table,
    tableName: qualifiedName(table),
    templates: Object.values<string>(templates),
    events: options.events ?? ['insert', 'update', 'delete'],
  });
  return builders as { readonly [Name in keyof Templates]: TagBuilder<TTable, Templates[Name]> };
}

/** The declaration behind the builders that `declareTags` gave out. */
export function declarationOf(builders: object): TableTags {
  const declaration = declarations.get(builders);
  if (!declaration) throw new TagError('not a value of declareTags()');
  return declaration;
}

/** The tag that stands for any change of a table. */
export function tableTag(tableName: string): string {
  return `table:${tableName}`;
}

function qualifiedName(table: PgTable): string {
  const { schema } = getTableConfig(table);
  return schema && schema !== 'public' ? `${schema}.${getTableName(table)}` : getTableName(table);
}

export type TemplatePiece = string | { readonly column: string; readonly digest: boolean };

/** The pieces of a template: literal text, and columns. */
export function splitTemplate(template: string): TemplatePiece[] {
  return template.split(/[{}]/).map((piece, index) => {
    if (index % 2 === 0) return piece;
    const [column = '', filter] = piece.split('|');
    return { column, digest: filter === 'sha256' };
  });
}

/** Drizzle's names of the column types of which equal values have the same text. */
const KINDS = new Set(
  ['Text', 'Varchar', 'UUID', 'EnumColumn', 'EnumObjectColumn']
    .concat(['Integer', 'SmallInt', 'BigInt53', 'BigInt64'])
    .concat(['Serial', 'SmallSerial', 'BigSerial53', 'BigSerial64'])
    .map((name) => `Pg${name}`),
);

/** The types of a template's columns. */
function kindsOf(table: PgTable, template: string): ReadonlyMap<string, string> {
  const columns = getTableColumns(table);
  const kinds = new Map<string, string>();
  for (const piece of splitTemplate(template)) {
    if (typeof piece === 'string') continue;
    const kind = columns[piece.column]?.columnType;
    if (kind === undefined) {
      throw new TagError(`${qualifiedName(table)} has no column ${piece.column}`);
    }
    if (!KINDS.has(kind)) {
      const column = `${qualifiedName(table)}.${piece.column}`;
      throw new TagError(`tag ${template}: equal values of ${column} may have different texts`);
    }
    kinds.set(piece.column, kind);
  }
  return kinds;
}

/** As PostgreSQL writes it, from every form that it reads: any case, braces, other hyphens. */
function canonicalUuid(text: string): string {
  const digits = text
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '')
    .toLowerCase();
  const groups = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(
    digits,
  );
  return groups ? groups.slice(1).join('-') : text;
}

function textOf(value: string | number | bigint, kind: string | undefined): string {
  if (typeof value !== 'string') return String(value);
  // The driver sends unpaired surrogates as U+FFFD, and so finds rows that have that.
  return kind === 'PgUUID' ? canonicalUuid(value) : value.toWellFormed();
}

function fillTemplate(
  template: string,
  values: Record<string, unknown>,
  kinds: ReadonlyMap<string, string>,
): string {
  return splitTemplate(template)
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const value = values[piece.column];
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
        throw new TagError(`tag ${template}: ${piece.column} must be text or a number`);
      }
      const text = textOf(value, kinds.get(piece.column));
      return piece.digest ? hash('sha256', text) : text;
    })
    .join('');
}

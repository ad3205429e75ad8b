/**
 * All declared tables of an application: finds the tables behind a tag, and tells which of the
 * tables that a load touched its tags do not cover.
 */
import { declarationOf, splitTemplate, tableTag, type TableTags } from './tags.ts';

export interface TagRegistry {
  readonly tables: readonly TableTags[];
  /** Tables of which a change can give rise to this tag; empty for a tag that nothing emits. */
  tablesOf(tag: string): readonly string[];
  /** The declared tags, and the own tag of each table behind them (for bulk changes). */
  withTableTags(tags: readonly string[]): string[];
  /** Why these tags do not cover these tables, in one sentence; undefined when they do. */
  uncovered(tags: readonly string[], tables: Iterable<string>): string | undefined;
}

/** Some 2 MB. Emptied when full: what is in use comes back. */
const REMEMBERED_MAX = 10_000;

/** @param groups  what `declareTags` returned, for every table of the application */
export function createTagRegistry(groups: readonly object[]): TagRegistry {
  const tables = groups.map(declarationOf);
  const remembered = new Map<string, readonly string[]>();
  const patterns: { strict: RegExp; loose: RegExp; tableName: string }[] = [];
  for (const { tableName, templates } of tables) {
    for (const template of [...templates, tableTag(tableName)]) {
      patterns.push({
        strict: patternOf(template, '[^:]+'),
        loose: patternOf(template, '[^]*'),
        tableName,
      });
    }
  }

  function findTables(tag: string): readonly string[] {
    const strict = patterns.filter((pattern) => pattern.strict.test(tag));
    // Values with colons, or none, can be split in several ways; all tables they may mean count.
    const found = strict.length > 0 ? strict : patterns.filter(({ loose }) => loose.test(tag));
    return [...new Set(found.map(({ tableName }) => tableName))];
  }

  /** Each read that is no hit in memory asks, of the same tags again and again. */
  function tablesOf(tag: string): readonly string[] {
    const known = remembered.get(tag);
    if (known !== undefined) return known;
    if (remembered.size === REMEMBERED_MAX) remembered.clear();
    const found = findTables(tag);
    remembered.set(tag, found);
    return found;
  }

  return {
    tables,
    tablesOf,
    withTableTags(tags) {
      return [...new Set([...tags, ...tags.flatMap(tablesOf).map(tableTag)])];
    },
    uncovered(tags, touched) {
      const orphan = tags.find((tag) => tablesOf(tag).length === 0);
      if (orphan !== undefined) return `no table gives rise to the tag ${orphan}`;
      const covered = new Set(tags.flatMap(tablesOf));
      const missing = [...touched].filter((table) => !covered.has(table));
      if (missing.length === 0) return undefined;
      return `it reads ${missing.join(', ')}, which none of its tags covers (${tags.join(', ') || 'no tags'})`;
    },
  };
}

function patternOf(template: string, value: string): RegExp {
  const source = splitTemplate(template)
    .map((piece) => (typeof piece === 'string' ? RegExp.escape(piece) : value))
    .join('');
  return new RegExp(`^${source}$`);
}

/**
 * Which tables' triggers the migrations do not make as the declarations ask for. What counts for a
 * table is the newest migration that makes its function, so that a migration which adds tables can
 * bring their triggers along and leaves those of the other tables alone.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface WantedTriggers {
  readonly tableName: string;
  readonly functionName: string;
  readonly sql: string;
}

export interface OutdatedTriggers extends WantedTriggers {
  /** What is wrong, and where. */
  readonly fault: string;
}

/** @param folder  of the migrations, which run in the order of their names */
export async function findOutdatedTriggers<Wanted extends WantedTriggers>(
  folder: string,
  wanted: readonly Wanted[],
): Promise<(Wanted & OutdatedTriggers)[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted();
  const files = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(path.join(folder, name), 'utf8') })),
  );
  return wanted.flatMap((table) => {
    const makes = `CREATE FUNCTION public."${table.functionName}"`;
    const newest = files.findLast(({ text }) => text.includes(makes));
    if (!newest) return [{ ...table, fault: `no migration makes triggers for ${table.tableName}` }];
    if (newest.text.includes(table.sql.trimEnd())) return [];
    const difference = firstDifference(table.sql, newest.text);
    return [{ ...table, fault: `drizzle/${newest.name} is out of date: ${difference}` }];
  });
}

function firstDifference(generated: string, stored: string): string {
  const expected = generated.trimEnd().split('\n');
  const lines = stored.split('\n');
  const start = lines.indexOf(expected[0] ?? '');
  for (const [index, wanted] of expected.entries()) {
    const found = lines[start + index] ?? '(end)';
    if (found === wanted) continue;
    return `line ${start + index + 1} is\n    ${found}\n  where the declarations give\n    ${wanted}`;
  }
  return 'its statements are in another order';
}

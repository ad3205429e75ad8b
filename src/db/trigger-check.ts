/**
 * Compares the triggers that are in the database with what the tables declare. A table whose
 * triggers are missing, disabled or old is reported: nothing that reads it may be cached.
 */
import type { Sql } from 'postgres';
import type { TableTags } from './tags.ts';
import { generateTriggers } from './triggers.ts';

export interface TriggerDrift {
  readonly tableName: string;
  readonly reason: string;
}

export async function findTriggerDrift(
  sql: Sql,
  tables: readonly TableTags[],
): Promise<TriggerDrift[]> {
  const rows = await sql<{ table_name: string; trigger: string; enabled: string; body: string }[]>`
    SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS table_name,
           t.tgname AS trigger, t.tgenabled AS enabled, p.prosrc AS body
      FROM pg_trigger t
      JOIN pg_class c ON c.oid = t.tgrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE NOT t.tgisinternal`;
  return tables.flatMap((table) => {
    const wanted = generateTriggers(table);
    const found = rows.filter((row) => row.table_name === table.tableName);
    for (const name of wanted.triggerNames) {
      const trigger = found.find((row) => row.trigger === name);
      if (!trigger) return [{ tableName: table.tableName, reason: `trigger ${name} is missing` }];
      // 'A' fires always; 'O' not for who repairs or restores, 'R' only for them, 'D' never.
      if (trigger.enabled !== 'A') {
        return [{ tableName: table.tableName, reason: `trigger ${name} is not enabled always` }];
      }
      if (trigger.body !== wanted.body) {
        return [{ tableName: table.tableName, reason: `trigger ${name} records other tags` }];
      }
    }
    return [];
  });
}

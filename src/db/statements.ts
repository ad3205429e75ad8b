/** Statements given as text with $1, $2 …, for parts that know no driver. Prepared, in autocommit. */
import type { ParameterOrJSON } from 'postgres';
import type { Sql } from './client.ts';

export type RunStatement = (
  text: string,
  parameters: readonly unknown[],
) => Promise<readonly Record<string, unknown>[]>;

export function statementRunner(sql: Sql): RunStatement {
  return (text, parameters) =>
    sql.unsafe(text, parameters as ParameterOrJSON<never>[], { prepare: true });
}

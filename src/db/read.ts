/**
 * The database as loaders see it: it can only read, and it records which tables were touched.
 * The types leave out everything that writes, and the server refuses it as well: the connections
 * begin with `default_transaction_read_only`. A session may lift that (`SET`, `set_config`), and a
 * pooled connection would then stay open to writes for whoever comes next; so only queries are sent
 * at all. That holds against mistakes: code that wants to get round it has the process anyway.
 * Throws `ReadOnlyError`.
 */
import { PgDatabase, PgDialect } from 'drizzle-orm/pg-core';
import {
  PostgresJsSession,
  type PostgresJsDatabase,
  type PostgresJsQueryResultHKT,
} from 'drizzle-orm/postgres-js';
import { drizzle } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import { inspectStatement, loadParser } from './inspect-statement.ts';

type Select = 'select' | 'selectDistinct' | 'selectDistinctOn';

export interface ReadDb extends Pick<PostgresJsDatabase, Select | '$with' | '$count' | 'execute'> {
  with(
    ...queries: Parameters<PostgresJsDatabase['with']>
  ): Pick<ReturnType<PostgresJsDatabase['with']>, Select>;
}

/** A handle for one load. */
export interface Recording {
  readonly db: ReadDb;
  /** Tables that the statements sent so far name. */
  touched(): ReadonlySet<string>;
}

export interface Reader {
  readonly db: ReadDb;
  record(): Recording;
}

/** A statement that is no query; it was not sent. */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError';
}

/** @returns the tables that the statement names */
function requireQuery(statement: string): readonly string[] {
  const { tables, isQuery } = inspectStatement(statement);
  if (!isQuery) {
    throw new ReadOnlyError(
      'this database handle sends only queries: writing goes through write()',
    );
  }
  return tables;
}

/** @param sql  a pool whose connections are read-only on the server */
export async function createReader(sql: Sql): Promise<Reader> {
  await loadParser();
  const db = drizzle(sql, { logger: { logQuery: (statement) => void requireQuery(statement) } });
  const dialect = new PgDialect();
  return {
    db,
    record() {
      const tables = new Set<string>();
      const logger = {
        logQuery(statement: string) {
          for (const table of requireQuery(statement)) tables.add(table);
        },
      };
      const session = new PostgresJsSession(sql, dialect, undefined, { logger });
      return {
        db: new PgDatabase<PostgresJsQueryResultHKT>(dialect, session, undefined),
        touched: () => tables,
      };
    },
  };
}

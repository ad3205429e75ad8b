/**
 * Successful builds by the SHA-256 of what was compiled. A row never changes, and nobody caches
 * that one is absent (it is then built), so that inserting one invalidates nothing.
 */
import { index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { declareTags } from '../tags.ts';
import { createdAt } from './columns.ts';

export interface BuildWarning {
  message: string;
  line: number;
  column: number;
  lineText: string;
}

export const builds = pgTable(
  'builds',
  {
    key: text('key').primaryKey(),
    code: text('code').notNull(),
    map: text('map').notNull(),
    warnings: jsonb('warnings').$type<BuildWarning[]>().notNull(),
    bytes: integer('bytes').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('builds_age').on(table.createdAt)],
);

export const buildTags = declareTags(
  builds,
  { one: 'build:{key}' },
  { events: ['update', 'delete'] },
);

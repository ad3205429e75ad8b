/** How a user wants the studio and its assistant to be: one row each, none until something is set. */
import { jsonb, pgTable, uuid } from 'drizzle-orm/pg-core';
import { declareTags } from '../tags.ts';
import { users } from './auth.ts';
import { createdAt, updatedAt } from './columns.ts';

export type Setting = string | number | boolean;

export const preferences = pgTable('preferences', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** Only what differs from the defaults, by name. */
  settings: jsonb('settings').$type<Record<string, Setting>>().notNull().default({}),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const preferenceTags = declareTags(preferences, { ofUser: 'user:{userId}:preferences' });

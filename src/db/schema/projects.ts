/**
 * Projects and who else may see them. The owner is a column of the project, so that a project
 * always has exactly one and goes with its owner; editors and viewers are rows of `members`.
 */
import { index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { declareTags } from '../tags.ts';
import { users } from './auth.ts';
import { createdAt, id, updatedAt } from './columns.ts';

export const projects = pgTable(
  'projects',
  {
    id: id(),
    ownerId: uuid('owner_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    type: text('type').notNull().default('general'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index('projects_owner').on(table.ownerId, table.createdAt)],
);

export const projectTags = declareTags(projects, {
  one: 'project:{id}',
  ofUser: 'user:{ownerId}:projects',
});

export const members = pgTable(
  'members',
  {
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id, { onDelete: 'cascade' }),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text('role', { enum: ['editor', 'viewer'] }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.userId] }),
    index('members_user').on(table.userId),
  ],
);

export const memberTags = declareTags(members, {
  one: 'project:{projectId}:member:{userId}',
  ofProject: 'project:{projectId}:members',
  ofUser: 'user:{userId}:memberships',
});

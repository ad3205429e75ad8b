/**
 * Scenes: TSX components in an order. `position` counts from 0 without gaps; a deferrable unique
 * constraint (in the migrations: Drizzle cannot declare one) holds it together and is the index
 * of the ordered list.
 */
import { integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { declareTags } from '../tags.ts';
import { createdAt, id, updatedAt } from './columns.ts';
import { projects } from './projects.ts';

export type SceneProps = Record<string, unknown>;

export const scenes = pgTable('scenes', {
  id: id(),
  projectId: uuid('project_id')
    .notNull()
    .references(() => projects.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  type: text('type').notNull(),
  position: integer('position').notNull(),
  tsxCode: text('tsx_code').notNull(),
  props: jsonb('props').$type<SceneProps>().notNull().default({}),
  durationMs: integer('duration_ms').notNull(),
  version: integer('version').notNull().default(1),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const sceneTags = declareTags(scenes, {
  one: 'scene:{id}',
  ofProject: 'project:{projectId}:scenes',
});

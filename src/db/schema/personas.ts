/**
 * Personas: who the assistant speaks as. Found by name, and changed rarely, by admins. Names are
 * never changed, so that conversations can keep them.
 */
import { integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { declareTags } from '../tags.ts';
import { createdAt, id, updatedAt } from './columns.ts';

/** By name, each from 0 to 1. */
export type Traits = Record<string, number>;

export const personas = pgTable('personas', {
  id: id(),
  name: text('name').notNull().unique(),
  archetype: text('archetype').notNull(),
  traits: jsonb('traits').$type<Traits>().notNull(),
  /** Of the speech provider; null: its default. */
  voice: text('voice'),
  systemPrompt: text('system_prompt').notNull(),
  version: integer('version').notNull().default(1),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const personaTags = declareTags(personas, {
  named: 'persona:{name}',
  /** Of the list: there are few, and they change rarely. */
  all: 'personas',
});

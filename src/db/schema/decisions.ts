/**
 * What was decided on people's prompts, and what it would do. A row records: it keeps the ids of
 * scenes that are gone. Its writes change no scene; `applied_at` says that it was done.
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { declareTags } from '../tags.ts';
import { users } from './auth.ts';
import { createdAt, id, time } from './columns.ts';
import { projects } from './projects.ts';

export const OPERATIONS = ['create', 'edit', 'delete', 'reorder', 'answer'] as const;

export const decisions = pgTable(
  'decisions',
  {
    id: id(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id, { onDelete: 'cascade' }),
    /** Who asked; null when that account is gone. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
    prompt: text('prompt').notNull(),
    /** The prompt without its words of courtesy: those of the same wish share an answer. */
    wish: text('wish'),
    operation: text('operation', { enum: OPERATIONS }).notNull(),
    targetSceneId: uuid('target_scene_id'),
    /** As `Proposal` of src/services/brain has it. */
    proposal: jsonb('proposal').notNull(),
    reasoning: text('reasoning').notNull(),
    /** From 0 to 1. */
    confidence: doublePrecision('confidence').notNull(),
    model: text('model').notNull(),
    reuse: text('reuse', { enum: ['none', 'exact', 'similar'] }).notNull(),
    /** The decision of this project whose intent was reused. */
    basedOn: uuid('based_on'),
    /** The row of `similar_log` that it came from or gave rise to; rows there are trimmed. */
    similarId: bigint('similar_id', { mode: 'number' }),
    /** Paid for this decision: 0 where an intent was reused. */
    tokens: integer('tokens').notNull(),
    /** What the reused intent had cost. */
    tokensSaved: integer('tokens_saved').notNull().default(0),
    /** What an editor said of it; null: nothing yet. */
    verdict: text('verdict', { enum: ['good', 'bad'] }),
    appliedAt: time('applied_at'),
    createdAt: createdAt(),
  },
  (table) => [
    index('decisions_history').on(
      table.projectId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('decisions_user').on(table.userId),
    index('decisions_age').on(table.createdAt),
    // Prompts are longer than a B-tree takes.
    index('decisions_bad')
      .using('hash', table.wish)
      .where(sql`${table.verdict} = 'bad'`),
  ],
);

export const decisionTags = declareTags(decisions, { ofProject: 'project:{projectId}:decisions' });

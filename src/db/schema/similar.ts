/**
 * What the similar tier of decisions did, in the order in which it was done: one row for each request
 * that it judged, and one for each reuse that somebody called wrong. What processes know of answers
 * and of when to reuse them is a function of these rows, so that they agree and a restart forgets
 * nothing (src/services/reuse). No cached read looks at it, so it declares no tags.
 */
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  jsonb,
  pgTable,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { users } from './auth.ts';
import { createdAt } from './columns.ts';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

export const similarLog = pgTable(
  'similar_log',
  {
    /** Rows of one source become visible in this order. */
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** SHA-256 of what answers and embeds: model, address, template, embedder. */
    source: text('source').notNull(),
    /** SHA-256 of who shares and in what context: nothing crosses it. */
    shelf: text('shelf').notNull(),
    /** Whose prompts these are: they go with the account. Null where the owner shares with all. */
    ownerId: uuid('owner_id').references(() => users.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: ['ask', 'audit', 'reuse', 'refute'] }).notNull(),
    /** The process that judged, and so counted it already. */
    judge: uuid('judge').notNull(),
    /** The row whose intent was reused, or would have been; of a refutation, what it takes out. */
    entryId: bigint('entry_id', { mode: 'number' }),
    /** The evidence; null where there was nothing to reuse. */
    features: doublePrecision('features').array(),
    score: doublePrecision('score').notNull(),
    /** Requests that it stands for. */
    weight: doublePrecision('weight').notNull(),
    /** Whether reuse would have been right; null where the source was not asked, or nothing offered. */
    isRight: boolean('is_right'),
    /** Of an answer by the source: what it was asked, and what it said. */
    decisionId: uuid('decision_id'),
    prompt: text('prompt'),
    facts: text('facts'),
    /** Equal for equivalent intents. */
    answer: text('answer'),
    intent: jsonb('intent'),
    /** It is evidence, and is never reused. */
    votesOnly: boolean('votes_only'),
    tokens: bigint('tokens', { mode: 'number' }),
    /** 32-bit floats, little-endian. */
    vector: bytea('vector'),
    createdAt: createdAt(),
  },
  (table) => [
    index('similar_log_source').on(table.source, table.id),
    index('similar_log_owner').on(table.ownerId),
    index('similar_log_age').on(table.createdAt),
  ],
);

/**
 * What is known of how a user writes: one current analysis for each, with the traits that the user
 * has set by hand beside it, which a new analysis does not touch.
 */
import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, unique, uuid } from 'drizzle-orm/pg-core';
import { declareTags } from '../tags.ts';
import { users } from './auth.ts';
import { createdAt, id, time, updatedAt } from './columns.ts';
import type { Traits } from './personas.ts';

/** Stored as JSON; `schemaVersion` tells whether this program can read it. */
export interface Analysis {
  traits: Traits;
  communicationStyle: string;
  interests: string[];
  expertise: string;
  tone: string;
  pace: string;
  /** From 0 to 1: how much was there to go by. */
  confidence: number;
  /** How many of what the analysis saw, e.g. `messages`. */
  evidence: Record<string, number>;
  schemaVersion: number;
}

/** Of the analysis as text. */
export const ANALYSIS_BYTES_MAX = 5 * 2 ** 20;

export const personalityCache = pgTable(
  'personality_cache',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    analysisData: jsonb('analysis_data').$type<Analysis>().notNull(),
    /** Set by hand; they win over the analysis. */
    tunedTraits: jsonb('tuned_traits').$type<Traits>().notNull().default({}),
    /** When the analysis was made or last confirmed; tuning does not make it any younger. */
    analyzedAt: time('analyzed_at').notNull().defaultNow(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    version: integer('version').notNull().default(1),
    isStale: boolean('is_stale').notNull().default(false),
  },
  (table) => [
    unique('personality_cache_user').on(table.userId),
    index('personality_cache_updated').on(table.updatedAt.desc().nullsFirst()),
    index('personality_cache_version').on(table.version),
    index('personality_cache_stale').on(table.isStale),
    check(
      'personality_cache_size',
      sql`octet_length(${table.analysisData}::text) <= ${sql.raw(String(ANALYSIS_BYTES_MAX))}`,
    ),
  ],
);

export const personalityTags = declareTags(personalityCache, {
  ofUser: 'user:{userId}:personality',
});

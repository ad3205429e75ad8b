/** A user's settings: what was set, over the defaults. */
import { eq, sql } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { preferences, type Setting } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';

export interface Preferences {
  /** BCP 47: in which language the assistant answers. */
  language: string;
  theme: 'system' | 'light' | 'dark';
  /** How much the assistant says. */
  replyLength: 'short' | 'medium' | 'long';
  /** From 0 (a friend) to 1 (a notary). */
  formality: number;
  emoji: boolean;
  /** Whom a new conversation is with. */
  botName: string;
  /** Which prompts an answer to one of mine may be reused for: in one project, in all of mine, or everybody's who says so too. */
  reuseScope: 'project' | 'owner' | 'shared';
  /** A client's own. */
  [name: string]: Setting;
}

const DEFAULT_PREFERENCES: Preferences = {
  language: 'en',
  theme: 'system',
  replyLength: 'medium',
  formality: 0.5,
  emoji: false,
  botName: 'elara',
  reuseScope: 'owner',
};

export async function findPreferences(db: ReadDb, userId: string): Promise<Preferences> {
  const [row] = await db
    .select({ settings: preferences.settings })
    .from(preferences)
    .where(eq(preferences.userId, userId));
  return { ...DEFAULT_PREFERENCES, ...row?.settings };
}

/** Null takes a setting back to its default, undefined is left alone. One statement, so that no patch is lost to another. */
export async function patchPreferences(
  tx: WriteTx,
  userId: string,
  patch: Readonly<Record<string, Setting | null | undefined>>,
): Promise<Preferences> {
  const given = sql`${JSON.stringify(patch)}::jsonb`;
  const [row] = await tx
    .insert(preferences)
    .values({ userId, settings: sql`jsonb_strip_nulls(${given})` })
    .onConflictDoUpdate({
      target: preferences.userId,
      set: {
        settings: sql`jsonb_strip_nulls(${preferences.settings} || ${given})`,
        updatedAt: new Date(),
      },
    })
    .returning({ settings: preferences.settings });
  return { ...DEFAULT_PREFERENCES, ...row?.settings };
}

/** One user's stored personality. Whoever changes it holds the user's lock (`lockUser`). */
import { eq, sql } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { personalityCache, type Analysis, type Traits } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';

export async function findPersonality(db: Pick<ReadDb, 'select'>, userId: string) {
  const [row] = await db
    .select({
      analysisData: personalityCache.analysisData,
      tunedTraits: personalityCache.tunedTraits,
      analyzedAt: personalityCache.analyzedAt,
      updatedAt: personalityCache.updatedAt,
      version: personalityCache.version,
      isStale: personalityCache.isStale,
    })
    .from(personalityCache)
    .where(eq(personalityCache.userId, userId));
  return row;
}

export interface PersonalityChange {
  analysisData?: Analysis;
  tunedTraits?: Traits;
  analyzedAt?: Date;
  updatedAt: Date;
  isStale?: boolean;
}

/** Makes the row, or changes the given columns of it; the version only goes up. */
export async function putPersonality(
  tx: WriteTx,
  userId: string,
  change: PersonalityChange & { analysisData: Analysis; version: number },
): Promise<void> {
  await tx
    .insert(personalityCache)
    .values({ userId, ...change })
    .onConflictDoUpdate({ target: personalityCache.userId, set: change });
}

export async function updatePersonality(
  tx: WriteTx,
  userId: string,
  { bump, ...change }: PersonalityChange & { bump: boolean },
): Promise<void> {
  await tx
    .update(personalityCache)
    .set({ ...change, ...(bump ? { version: sql`${personalityCache.version} + 1` } : {}) })
    .where(eq(personalityCache.userId, userId));
}

export async function deletePersonality(tx: WriteTx, userId: string): Promise<void> {
  await tx.delete(personalityCache).where(eq(personalityCache.userId, userId));
}

/** Users, as far as this API touches them itself; the rest is better-auth's. */
import { eq } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { users } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';

/** With everything that is theirs: sessions, memberships, and the projects they own. */
export async function deleteUser(
  tx: WriteTx,
  userId: string,
): Promise<{ userId: string; email: string } | undefined> {
  const [row] = await tx
    .delete(users)
    .where(eq(users.id, userId))
    .returning({ userId: users.id, email: users.email });
  return row;
}

export async function userExists(db: ReadDb, userId: string): Promise<boolean> {
  const rows = await db.select({ id: users.id }).from(users).where(eq(users.id, userId));
  return rows.length > 0;
}

/**
 * Serialises what changes a user's own things, until the transaction ends. It does not hold up rows
 * that refer to the user. False if the user is gone.
 */
export async function lockUser(tx: WriteTx, userId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: users.id })
    .from(users)
    .where(eq(users.id, userId))
    .for('no key update');
  return rows.length > 0;
}

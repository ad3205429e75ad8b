/**
 * A user's name in paths: the part of the e-mail before the @, in lower case; when it is taken,
 * with the lowest free number behind it (`ada`, `ada-2`, `ada-3`), and beyond those with a random
 * suffix.
 */
import { randomBytes } from 'node:crypto';
import { inArray, sql } from 'drizzle-orm';
import { users } from '../db/schema/auth.ts';
import type { WriteTx } from '../db/write.ts';

const NUMBERED_MAX = 20;

/** Holds until the transaction ends, so that the name is still free when it is inserted. */
export async function freeUsername(tx: WriteTx, email: string): Promise<string> {
  // One lock for all names: `ada-2` may be the second of `ada` or somebody's own.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('greenroom:usernames', 0))`);
  const base = usernameOf(email);
  const candidates = [base];
  for (let number = 2; number <= NUMBERED_MAX; number += 1) candidates.push(`${base}-${number}`);
  const rows = await tx
    .select({ username: users.username })
    .from(users)
    .where(inArray(users.username, candidates));
  const taken = new Set(rows.map((row) => row.username));
  const free = candidates.find((candidate) => !taken.has(candidate));
  return free ?? `${base}-${randomBytes(4).toString('hex')}`;
}

function usernameOf(email: string): string {
  return email.slice(0, email.lastIndexOf('@')).toLowerCase();
}

/** Who belongs to a project: its owner, and the rows of `members`. */
import { and, eq, sql } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { members, projects, users } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';

export type ProjectRole = 'owner' | 'editor' | 'viewer';

export interface Member {
  userId: string;
  email: string;
  role: ProjectRole;
}

interface Membership {
  readonly projectId: string;
  readonly userId: string;
}

/** Undefined for who is neither owner nor member, and for a project that does not exist. */
export async function findProjectRole(
  db: ReadDb,
  { projectId, userId }: Membership,
): Promise<ProjectRole | undefined> {
  const [row] = await db
    .select({ ownerId: projects.ownerId, role: members.role })
    .from(projects)
    .leftJoin(members, and(eq(members.projectId, projects.id), eq(members.userId, userId)))
    .where(eq(projects.id, projectId));
  if (!row) return undefined;
  return row.ownerId === userId ? 'owner' : (row.role ?? undefined);
}

/** The owner first, then by e-mail. */
export async function listMembers(db: ReadDb, projectId: string): Promise<Member[]> {
  const owner = db
    .select({ userId: users.id, email: users.email, role: sql<ProjectRole>`'owner'`.as('role') })
    .from(projects)
    .innerJoin(users, eq(users.id, projects.ownerId))
    .where(eq(projects.id, projectId));
  const others = db
    .select({ userId: users.id, email: users.email, role: sql<ProjectRole>`${members.role}` })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(eq(members.projectId, projectId))
    .orderBy(users.email);
  const [ownerRows, otherRows] = await Promise.all([owner, others]);
  return [...ownerRows, ...otherRows];
}

/** Adds or changes a member. Undefined if no user has this e-mail. */
export async function putMember(
  tx: WriteTx,
  member: { projectId: string; email: string; role: 'editor' | 'viewer' },
): Promise<Member | undefined> {
  const [user] = await tx
    .select({ userId: users.id, email: users.email })
    .from(users)
    .where(eq(users.email, member.email.toLowerCase()))
    // Stays until the commit, or the insert would fail when the user is just being deleted.
    .for('key share');
  if (!user) return undefined;
  await tx
    .insert(members)
    .values({ projectId: member.projectId, userId: user.userId, role: member.role })
    .onConflictDoUpdate({
      target: [members.projectId, members.userId],
      set: { role: member.role },
    });
  return { ...user, role: member.role };
}

export async function deleteMember(
  tx: WriteTx,
  { projectId, userId }: Membership,
): Promise<{ userId: string; role: ProjectRole } | undefined> {
  const [row] = await tx
    .delete(members)
    .where(and(eq(members.projectId, projectId), eq(members.userId, userId)))
    .returning({ userId: members.userId, role: members.role });
  return row;
}

/**
 * Who may do what: being signed in, being an admin, or a role in the project that the input names.
 * Membership is itself a cached, tagged look-up: a hit costs no query, and a removal acts at once.
 */
import { TRPCError } from '@trpc/server';
import { MINUTE } from '../config/duration.ts';
import { memberTags, projectTags } from '../db/schema/index.ts';
import { findProjectRole, type ProjectRole } from '../db/queries/members.ts';
import type { Reads } from '../procedures/index.ts';
import { requireAdmin } from './trpc.ts';
import type { Context, Session } from './context.ts';
import { defineCache } from './resources.ts';

const RANK: Record<ProjectRole, number> = { viewer: 1, editor: 2, owner: 3 };

export type Access = 'signedIn' | 'admin' | { readonly project: ProjectRole };

/** A role in a project can only be asked for where the input says which project. */
export type AccessFor<Input> = Input extends { projectId: string } ? Access : 'signedIn' | 'admin';

const membershipLookup = defineCache({
  name: 'memberships',
  // No grace: who lost access gets nothing, also while the database is away.
  freshness: { graceMs: 0, ttlMs: 10 * MINUTE },
  tags: ({ projectId, userId }: { projectId: string; userId: string }) => [
    projectTags.one({ id: projectId }),
    memberTags.one({ projectId, userId }),
  ],
  owner: ({ userId }) => `user:${userId}`,
  load: ({ projectId, userId }, { db }) => findProjectRole(db, { projectId, userId }),
});

/**
 * Whether it is known in memory, at once, that the caller may.
 * @param reads  takes the look-up that says so: not counted yet
 */
export function hasAccess(check: AccessCheck, reads: Reads): boolean {
  const { access, ctx, session } = check;
  if (access === 'signedIn') return true;
  if (access === 'admin') return session.user.role === 'admin';
  const read = ctx.services.cache.peek(membershipLookup, membershipOf(check));
  if (read?.value === undefined || RANK[read.value] < RANK[access.project]) return false;
  reads.push(read);
  return true;
}

function membershipOf({ input, session }: Pick<AccessCheck, 'input' | 'session'>) {
  const { projectId } = input as { projectId: string };
  return { projectId, userId: session.user.id };
}

export interface AccessCheck {
  readonly access: Access;
  readonly ctx: Context;
  readonly session: Session;
  readonly input: unknown;
}

/** @returns the caller's role, where a role was asked for */
export async function requireAccess(check: AccessCheck): Promise<ProjectRole | undefined> {
  const { access, ctx, session } = check;
  if (access === 'signedIn') return undefined;
  if (access === 'admin') {
    requireAdmin(session);
    return undefined;
  }
  const role = await ctx.services.cache.get(membershipLookup, membershipOf(check));
  // Existence is private: who is no member learns no more than for an id that does not exist.
  if (!role) throw new TRPCError({ code: 'NOT_FOUND', message: 'No such project' });
  if (RANK[role] < RANK[access.project]) {
    throw new TRPCError({ code: 'FORBIDDEN', message: `This takes the role ${access.project}` });
  }
  return role;
}

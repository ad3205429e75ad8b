/** Projects and their members. */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { listMembers, deleteMember, putMember } from '../../db/queries/members.ts';
import {
  countOwnProjects,
  deleteProject,
  findProject,
  insertProject,
  listProjects,
  lockProject,
  updateProject,
} from '../../db/queries/projects.ts';
import { lockUser } from '../../db/queries/users.ts';
import { memberTags, projectTags, sceneTags, userTags } from '../../db/schema/index.ts';
import { tableTag } from '../../db/tags.ts';
import { cachedQuery, readCached } from '../cached.ts';
import { id, label, noInput, projectInput, title } from '../input.ts';
import { mutation, uncachedQuery } from '../mutation.ts';
import { router } from '../trpc.ts';
import { warmBehind } from '../warm.ts';
import { sceneList } from './scene.ts';

/** One user's own projects: the list is one answer, and is not paged. */
const PROJECTS_MAX = 500;

const list = cachedQuery({
  name: 'project.list',
  access: 'signedIn',
  scope: 'user',
  input: noInput,
  tags: ({ userId }) => [projectTags.ofUser({ ownerId: userId }), memberTags.ofUser({ userId })],
  async load({ userId }, { db, depend }) {
    const projects = await listProjects(db, userId);
    for (const project of projects) {
      depend(projectTags.one(project), sceneTags.ofProject({ projectId: project.id }));
    }
    return projects;
  },
});

const byId = cachedQuery({
  name: 'project.byId',
  access: { project: 'viewer' },
  scope: 'user',
  input: projectInput,
  tags: ({ input: { projectId }, userId }) => [
    projectTags.one({ id: projectId }),
    sceneTags.ofProject({ projectId }),
    memberTags.one({ projectId, userId }),
  ],
  load: ({ input, userId }, { db }) => findProject(db, { ...input, userId }),
});

const members = cachedQuery({
  name: 'project.members',
  access: { project: 'viewer' },
  scope: 'project',
  input: projectInput,
  tags: ({ input: { projectId } }) => [
    projectTags.one({ id: projectId }),
    memberTags.ofProject({ projectId }),
  ],
  async load({ input }, { db, depend }) {
    const everybody = await listMembers(db, input.projectId);
    for (const { userId } of everybody) depend(userTags.one({ id: userId }));
    if (everybody.length > 0) return everybody;
    // Deleted since access was checked. The statements name `users`, but no user brings it back.
    depend(tableTag('users'));
    return undefined;
  },
});

export const projectRouter = router({
  list,
  byId,
  members,

  open: uncachedQuery('it is put together from cached answers', {
    access: { project: 'viewer' },
    input: projectInput,
    async run({ ctx, input, userId }) {
      const [project, scenes] = await Promise.all([
        readCached(byId, { ctx, input, userId }),
        readCached(sceneList, { ctx, input, userId }),
      ]);
      warmBehind({ ctx, projectId: input.projectId, userId });
      return { project, scenes };
    },
  }),

  create: mutation({
    access: 'signedIn',
    input: z.object({ name: title, type: label.optional() }),
    run: ({ input, userId, write }) =>
      write(async (tx) => {
        // One at a time, or several would each be the last that there may be.
        await lockUser(tx, userId);
        if ((await countOwnProjects(tx, userId)) >= PROJECTS_MAX) {
          throw new TRPCError({
            code: 'PRECONDITION_FAILED',
            message: `You have ${PROJECTS_MAX} projects, the most there can be`,
          });
        }
        return insertProject(tx, { ownerId: userId, ...input });
      }),
  }),

  update: mutation({
    access: { project: 'owner' },
    input: projectInput.extend({ name: title.optional(), type: label.optional() }),
    run: ({ input, userId, write }) =>
      write(async (tx) => found(await updateProject(tx, { ...input, userId }))),
  }),

  delete: mutation({
    access: { project: 'owner' },
    input: projectInput,
    run: ({ input, userId, write }) =>
      write(async (tx) => found(await deleteProject(tx, { ...input, userId }))),
  }),

  addMember: mutation({
    access: { project: 'owner' },
    input: projectInput.extend({ email: z.email(), role: z.enum(['editor', 'viewer']) }),
    run: ({ input, session, write }) => {
      if (input.email.toLowerCase() === session.user.email) {
        throw new TRPCError({ code: 'CONFLICT', message: 'The owner is a member already' });
      }
      return write(async (tx) => {
        if (!(await lockProject(tx, input.projectId))) {
          throw new TRPCError({ code: 'NOT_FOUND', message: 'No such project' });
        }
        const member = await putMember(tx, input);
        if (member) return member;
        throw new TRPCError({ code: 'NOT_FOUND', message: 'No user has this e-mail address' });
      });
    },
  }),

  removeMember: mutation({
    // A viewer may leave; anybody else is removed by the owner.
    access: { project: 'viewer' },
    input: projectInput.extend({ userId: id }),
    run: ({ input, userId, role, write }) => {
      if (role !== 'owner' && input.userId !== userId) {
        throw new TRPCError({ code: 'FORBIDDEN', message: 'Only the owner may remove others' });
      }
      return write(async (tx) => found(await deleteMember(tx, input), 'No such member'));
    },
  }),
});

function found<Row>(row: Row | undefined, message = 'No such project'): Row {
  if (row === undefined) throw new TRPCError({ code: 'NOT_FOUND', message });
  return row;
}

/**
 * Every procedure of the router, found by walking it, and one valid call of each with what it must
 * answer to whom. A procedure without a row here fails the tests.
 */
import { appRouter } from '../../src/api/app-router.ts';
import type { ProcedureMeta } from '../../src/api/trpc.ts';
import { addPerson, TSX, type Role } from './people.ts';
import type { Caller, Studio } from './fixture.ts';
import { DECISION_ROWS } from './decision-world.ts';
import { TALK_ROWS } from './personality-world.ts';

export interface Procedure {
  readonly path: string;
  readonly type: string;
  readonly meta: ProcedureMeta | undefined;
}

export const PROCEDURES: readonly Procedure[] = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: Omit<Procedure, 'path'> }>,
).map(
  ([
    path,
    {
      _def: { type, meta },
    },
  ]) => ({ path, type, meta }),
);

export const CACHED = PROCEDURES.filter(({ meta }) => meta?.kind === 'cached');

export interface Team {
  readonly projectId: string;
  readonly sceneIds: readonly string[];
}

export type Answer = 'ok' | 'FORBIDDEN' | 'NOT_FOUND' | 'UNAUTHORIZED';

export interface Row {
  readonly answers: Readonly<Record<Role | 'nobody', Answer>>;
  call(caller: Caller, team: Team, studio: Studio): Promise<unknown>;
}

const nobody = 'UNAUTHORIZED';
const anybody = {
  owner: 'ok',
  editor: 'ok',
  viewer: 'ok',
  outsider: 'ok',
  admin: 'ok',
  nobody,
} as const;
/** Being an admin is no membership. */
const members = { ...anybody, outsider: 'NOT_FOUND', admin: 'NOT_FOUND' } as const;
const editors = { ...members, viewer: 'FORBIDDEN' } as const;
const owner = { ...editors, editor: 'FORBIDDEN' } as const;
const admins = {
  owner: 'FORBIDDEN',
  editor: 'FORBIDDEN',
  viewer: 'FORBIDDEN',
  outsider: 'FORBIDDEN',
  admin: 'ok',
  nobody,
} as const;

const sceneOf = ({ projectId, sceneIds }: Team) => ({ projectId, sceneId: sceneIds[0]! });

export const ROWS: Readonly<Record<string, Row>> = {
  ...TALK_ROWS,
  ...DECISION_ROWS,
  'project.list': { answers: anybody, call: (caller) => caller.project.list() },
  'project.byId': {
    answers: members,
    call: (caller, { projectId }) => caller.project.byId({ projectId }),
  },
  'project.members': {
    answers: members,
    call: (caller, { projectId }) => caller.project.members({ projectId }),
  },
  'project.open': {
    answers: members,
    call: (caller, { projectId }) => caller.project.open({ projectId }),
  },
  'project.create': {
    answers: anybody,
    call: (caller) => caller.project.create({ name: 'Another' }),
  },
  'project.update': {
    answers: owner,
    call: (caller, { projectId }) => caller.project.update({ projectId, name: 'Renamed' }),
  },
  'project.delete': {
    answers: owner,
    call: (caller, { projectId }) => caller.project.delete({ projectId }),
  },
  'project.addMember': {
    answers: owner,
    call: (caller, { projectId }, { people }) =>
      caller.project.addMember({ projectId, email: people.outsider.email, role: 'viewer' }),
  },
  'project.removeMember': {
    // The viewer is the one to go: whoever may only read may still leave.
    answers: { ...owner, viewer: 'ok' },
    call: (caller, { projectId }, { people }) =>
      caller.project.removeMember({ projectId, userId: people.viewer.id }),
  },
  'scene.list': {
    answers: members,
    call: (caller, { projectId }) => caller.scene.list({ projectId }),
  },
  'scene.byId': { answers: members, call: (caller, team) => caller.scene.byId(sceneOf(team)) },
  'scene.search': {
    answers: members,
    call: (caller, { projectId }) => caller.scene.search({ projectId, query: 'hello' }),
  },
  'scene.create': {
    answers: editors,
    call: (caller, { projectId }) =>
      caller.scene.create({ projectId, name: 'New', type: 'intro', tsxCode: TSX }),
  },
  'scene.update': {
    answers: editors,
    call: (caller, team) => caller.scene.update({ ...sceneOf(team), name: 'Renamed' }),
  },
  'scene.reorder': {
    answers: editors,
    call: (caller, { projectId, sceneIds }) =>
      caller.scene.reorder({ projectId, sceneIds: sceneIds.toReversed() }),
  },
  'scene.delete': { answers: editors, call: (caller, team) => caller.scene.delete(sceneOf(team)) },
  'component.build': {
    answers: members,
    call: (caller, team) => caller.component.build(sceneOf(team)),
  },
  'admin.cacheStats': { answers: admins, call: (caller) => caller.admin.cacheStats() },
  'admin.invalidate': {
    answers: admins,
    call: (caller, { sceneIds }) => caller.admin.invalidate({ tags: [`scene:${sceneIds[0]}`] }),
  },
  'admin.invalidateUser': {
    answers: admins,
    call: (caller, _team, { people }) => caller.admin.invalidateUser({ userId: people.viewer.id }),
  },
  'admin.flush': { answers: admins, call: (caller) => caller.admin.flush({ cache: 'scene.list' }) },
  'admin.warm': {
    answers: admins,
    call: (caller, { projectId }) => caller.admin.warm({ projectId }),
  },
  'admin.warmup': { answers: admins, call: (caller) => caller.admin.warmup({}) },
  'admin.setCacheEnabled': {
    answers: admins,
    call: (caller) => caller.admin.setCacheEnabled({ cache: 'scene.list', enabled: true }),
  },
  'admin.deleteUser': {
    answers: admins,
    call: async (caller, _team, { services }) => {
      const { id: userId } = await addPerson(services.write, 'leaver');
      return caller.admin.deleteUser({ userId });
    },
  },
};

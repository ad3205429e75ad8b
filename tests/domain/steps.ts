/**
 * Random steps for the oracle: every mutation there is, by everybody, and writes behind the API's
 * back. A step names people, projects and scenes by numbers that are resolved when it runs, so that
 * fast-check can shrink a sequence. What a caller may not do is refused, which is an outcome too.
 */
import fc from 'fast-check';
import { TRPCError } from '@trpc/server';
import type { Place } from './answers.ts';
import { DECISION_STEPS } from './decision-world.ts';
import type { Caller, Studio } from './fixture.ts';
import { addPerson, BROKEN_TSX, FORBIDDEN_TSX, ROLES, TSX, type Role } from './people.ts';
import { TALK_STEPS } from './personality-world.ts';

/** Bounds of the world: enough for every relation, few enough to compare all of it each time. */
const PROJECTS_MAX = 3;
const SCENES_MAX = 3;

export interface Step {
  readonly kind: StepKind;
  /** `theirs`: whoever owns the project, so that most steps are allowed. */
  readonly who: Role | 'theirs';
  /** Picks the project, the scene and a variant. */
  readonly pick: readonly [project: number, scene: number, variant: number];
}

export interface World {
  readonly studio: Studio;
  /** Projects and scenes that exist, and a few that are gone. */
  readonly places: readonly WorldPlace[];
}

export interface WorldPlace extends Place {
  readonly ownerId: string;
}

interface Scope {
  readonly world: World;
  readonly caller: Caller;
  readonly admin: Caller;
  readonly projectId: string;
  readonly sceneId: string;
  readonly sceneIds: readonly string[];
  readonly variant: number;
}

const SOURCES = [TSX, FORBIDDEN_TSX, BROKEN_TSX, `${TSX}// again\n`] as const;

/** How often each is drawn, and what it does. */
const KINDS = {
  ...TALK_STEPS,
  ...DECISION_STEPS,
  createProject: [
    2,
    ({ world, caller }) =>
      world.places.length < PROJECTS_MAX ? caller.project.create({ name: 'New' }) : undefined,
  ],
  renameProject: [
    3,
    ({ caller, projectId, variant }) =>
      caller.project.update({ projectId, name: `Name ${variant}` }),
  ],
  deleteProject: [1, ({ caller, projectId }) => caller.project.delete({ projectId })],
  addMember: [
    4,
    ({ world, caller, projectId, variant }) =>
      caller.project.addMember({
        projectId,
        email: someone(world, variant).email,
        role: variant % 2 === 0 ? 'editor' : 'viewer',
      }),
  ],
  removeMember: [
    3,
    ({ world, caller, projectId, variant }) =>
      caller.project.removeMember({ projectId, userId: someone(world, variant).id }),
  ],
  createScene: [
    4,
    ({ caller, projectId, sceneIds, variant }) =>
      sceneIds.length < SCENES_MAX
        ? caller.scene.create({
            projectId,
            name: 'New',
            type: 'intro',
            tsxCode: SOURCES[variant % SOURCES.length]!,
          })
        : undefined,
  ],
  updateScene: [
    6,
    ({ caller, projectId, sceneId, variant }) =>
      caller.scene.update({
        projectId,
        sceneId,
        ...(variant % 3 === 0 ? { tsxCode: SOURCES[variant % SOURCES.length]! } : {}),
        ...(variant % 5 === 0 ? { expectedVersion: 1 + (variant % 4) } : {}),
        props: { variant },
      }),
  ],
  reorder: [
    3,
    ({ caller, projectId, sceneIds, variant }) =>
      caller.scene.reorder({
        projectId,
        sceneIds: variant % 2 === 0 ? sceneIds.toReversed() : rotate(sceneIds),
      }),
  ],
  deleteScene: [3, ({ caller, projectId, sceneId }) => caller.scene.delete({ projectId, sceneId })],
  flush: [1, ({ world }) => world.studio.as('admin').admin.flush()],
  invalidate: [
    1,
    ({ world, projectId, sceneId }) =>
      world.studio
        .as('admin')
        .admin.invalidate({ tags: [`scene:${sceneId}`, `project:${projectId}`] }),
  ],
  switchOffAndOn: [
    1,
    async ({ world, caller, projectId, variant }) => {
      const which = variant % 2 === 0 ? {} : { cache: 'project.byId' };
      const { admin } = world.studio.as('admin');
      await admin.setCacheEnabled({ ...which, enabled: false });
      try {
        await caller.project.update({ projectId, name: 'Renamed while off' });
      } finally {
        await admin.setCacheEnabled({ ...which, enabled: true });
      }
      return true;
    },
  ],
  warm: [1, ({ caller, projectId }) => caller.project.open({ projectId })],
  memberComesAndIsDeleted: [
    1,
    async ({ world, projectId }) => {
      const { studio } = world;
      const guest = await addPerson(studio.services.write, 'guest');
      await studio.as(guest).project.create({ name: "Guest's" });
      try {
        await studio
          .as('owner')
          .project.addMember({ projectId, email: guest.email, role: 'viewer' });
      } finally {
        await studio.as('admin').admin.deleteUser({ userId: guest.id });
      }
      return true;
    },
  ],
} satisfies Record<string, [number, (scope: Scope) => Promise<unknown> | undefined]>;

export type StepKind = keyof typeof KINDS;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...Object.entries(KINDS).map(([kind, [weight]]) => ({
      weight,
      arbitrary: fc.constant(kind as StepKind),
    })),
  ),
  who: fc.oneof(
    { weight: 3, arbitrary: fc.constant('theirs' as const) },
    { weight: 1, arbitrary: fc.constantFrom<Role>(...ROLES) },
  ),
  pick: fc.tuple(fc.nat(11), fc.nat(11), fc.nat(60)),
});

/** Steps of one batch run at the same moment, together with reads. */
export const batch = fc.array(step, { minLength: 1, maxLength: 8 });

/** @returns whether it was done; a refusal is none, anything unexpected is thrown */
export async function run(world: World, { kind, who, pick }: Step): Promise<boolean> {
  const [projectPick, scenePick, variant] = pick;
  const place = world.places[projectPick % world.places.length]!;
  const elsewhere = world.places[(projectPick + 1) % world.places.length]!;
  // Now and then a scene of another project, which must not be found in this one.
  const from = variant % 11 === 0 ? elsewhere.sceneIds : place.sceneIds;
  const scope: Scope = {
    world,
    caller: world.studio.as(who === 'theirs' ? ownerOf(world, place) : who),
    admin: world.studio.as('admin'),
    projectId: place.projectId,
    sceneId: from[scenePick % Math.max(1, from.length)] ?? place.projectId,
    sceneIds: place.sceneIds,
    variant,
  };
  try {
    const work: (scope: Scope) => Promise<unknown> | undefined = KINDS[kind][1];
    return (await work(scope)) !== undefined;
  } catch (error) {
    if (error instanceof TRPCError && error.code !== 'INTERNAL_SERVER_ERROR') return false;
    throw error;
  }
}

/** Of a project that is gone: the owner, who is told so. */
function ownerOf({ studio }: World, { ownerId }: WorldPlace): Role {
  return ROLES.find((role) => studio.people[role].id === ownerId) ?? 'owner';
}

function someone({ studio }: World, variant: number) {
  return studio.people[ROLES[variant % ROLES.length]!];
}

function rotate<T>([first, ...rest]: readonly T[]): T[] {
  return first === undefined ? [] : [...rest, first];
}

/** Five people by what they are to the first project, once `addTeam` has made it. */
import { randomUUID } from 'node:crypto';
import type { Session } from '../../src/api/context.ts';
import { users } from '../../src/db/schema/index.ts';
import type { Write } from '../../src/db/write.ts';
import type { Studio } from './fixture.ts';

export const ROLES = ['owner', 'editor', 'viewer', 'outsider', 'admin'] as const;
export type Role = (typeof ROLES)[number];
export type Person = Session['user'];
export type People = Readonly<Record<Role, Person>>;

export async function addPerson(write: Write, name: string, role: 'user' | 'admin' = 'user') {
  const username = `${name}-${randomUUID().slice(0, 8)}`;
  const row = { name, username, email: `${username}@example.com`, role };
  const [user] = await write((tx) => tx.insert(users).values(row).returning());
  if (!user) throw new Error('the insert returned no row');
  return { id: user.id, email: user.email, username, name, role } satisfies Person;
}

export async function addPeople(write: Write): Promise<People> {
  const entries = await Promise.all(
    ROLES.map(async (role) => {
      const person = await addPerson(write, role, role === 'admin' ? 'admin' : 'user');
      return [role, person] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<Role, Person>;
}

export const TSX = 'export default function Scene() {\n  return <b>hello</b>;\n}\n';
/** Refused by the builder at line 1; saved all the same. */
export const FORBIDDEN_TSX =
  "import fs from 'node:fs';\nexport default () => <b>{typeof fs}</b>;\n";
/** Not even TSX, from line 2 on. */
export const BROKEN_TSX = 'export default function Scene() {\n  return <b>hello;\n}\n';

/** The owner's project with an editor, a viewer and three scenes. */
export async function addTeam(studio: Studio) {
  const owner = studio.as('owner');
  const { editor, viewer } = studio.people;
  const { id: projectId } = await owner.project.create({ name: 'Team' });
  await owner.project.addMember({ projectId, email: editor.email, role: 'editor' });
  await owner.project.addMember({ projectId, email: viewer.email, role: 'viewer' });
  const sceneIds = await addScenes(studio, projectId, 3);
  return { projectId, sceneIds };
}

export async function addScenes(studio: Studio, projectId: string, n: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < n; index += 1) {
    const scene = { projectId, name: `Scene ${index}`, type: 'intro', tsxCode: TSX };
    ids.push((await studio.as('owner').scene.create(scene)).id);
  }
  return ids;
}

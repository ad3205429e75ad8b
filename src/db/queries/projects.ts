/** Projects as one caller sees them: the role is that caller's. */
import { and, count, desc, eq, inArray, sql } from 'drizzle-orm';
import { union } from 'drizzle-orm/pg-core';
import type { ReadDb } from '../read.ts';
import { members, projects, scenes } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';
import type { ProjectRole } from './members.ts';

export interface Project {
  id: string;
  name: string;
  type: string;
  sceneCount: number;
  role: ProjectRole;
  createdAt: Date;
  updatedAt: Date;
}

/** The caller's projects, the newest first. Reads no scenes where there are no projects. */
export async function listProjects(db: ReadDb, userId: string): Promise<Project[]> {
  const mine = db.select({ id: projects.id }).from(projects).where(eq(projects.ownerId, userId));
  const shared = db
    .select({ id: members.projectId })
    .from(members)
    .where(eq(members.userId, userId));
  const found = await db
    .select(columnsFor(userId))
    .from(projects)
    .leftJoin(members, membershipOf(userId))
    .where(inArray(projects.id, union(mine, shared)))
    .orderBy(desc(projects.createdAt), projects.id);
  if (found.length === 0) return [];
  const counts = await db
    .select({ projectId: scenes.projectId, n: count() })
    .from(scenes)
    .where(
      inArray(
        scenes.projectId,
        found.map((project) => project.id),
      ),
    )
    .groupBy(scenes.projectId);
  const countOf = new Map(counts.map(({ projectId, n }) => [projectId, n]));
  return found.map((project) => ({ ...project, sceneCount: countOf.get(project.id) ?? 0 }));
}

export async function findProject(
  db: ReadDb,
  { projectId, userId }: { projectId: string; userId: string },
): Promise<Project | undefined> {
  const [project] = await selectProjects(db, userId).where(eq(projects.id, projectId));
  return project;
}

function selectProjects(db: Pick<ReadDb, 'select'>, userId: string) {
  const sceneCount = sql<number>`(SELECT count(*)::int FROM ${scenes} WHERE ${scenes.projectId} = ${projects.id})`;
  return db
    .select({ ...columnsFor(userId), sceneCount })
    .from(projects)
    .leftJoin(members, membershipOf(userId));
}

const membershipOf = (userId: string) =>
  and(eq(members.projectId, projects.id), eq(members.userId, userId));

const columnsFor = (userId: string) => ({
  id: projects.id,
  name: projects.name,
  type: projects.type,
  role: sql<ProjectRole>`CASE WHEN ${projects.ownerId} = ${userId} THEN 'owner' ELSE ${members.role} END`,
  createdAt: projects.createdAt,
  updatedAt: projects.updatedAt,
});

export async function countOwnProjects(tx: WriteTx, userId: string): Promise<number> {
  const [row] = await tx.select({ n: count() }).from(projects).where(eq(projects.ownerId, userId));
  return row?.n ?? 0;
}

export async function insertProject(
  tx: WriteTx,
  project: { ownerId: string; name: string; type?: string | undefined },
): Promise<Project> {
  const { ownerId, name, type } = project;
  const [row] = await tx
    .insert(projects)
    .values({ ownerId, name, ...(type === undefined ? {} : { type }) })
    .returning();
  if (!row) throw new Error('the insert returned no row');
  const { ownerId: _owner, ...rest } = row;
  return { ...rest, sceneCount: 0, role: 'owner' };
}

export async function updateProject(
  tx: WriteTx,
  project: {
    projectId: string;
    userId: string;
    name?: string | undefined;
    type?: string | undefined;
  },
): Promise<Project | undefined> {
  const { projectId, userId, name, type } = project;
  await tx
    .update(projects)
    .set({
      ...(name === undefined ? {} : { name }),
      ...(type === undefined ? {} : { type }),
      updatedAt: new Date(),
    })
    .where(eq(projects.id, projectId));
  const [row] = await selectProjects(tx, userId).where(eq(projects.id, projectId));
  return row;
}

/** What was deleted, as it was. */
export async function deleteProject(
  tx: WriteTx,
  { projectId, userId }: { projectId: string; userId: string },
): Promise<Project | undefined> {
  const [row] = await selectProjects(tx, userId).where(eq(projects.id, projectId));
  await tx.delete(projects).where(eq(projects.id, projectId));
  return row;
}

/** Serialises what changes the order of a project's scenes. False if the project is gone. */
export async function lockProject(tx: WriteTx, projectId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: projects.id })
    .from(projects)
    .where(eq(projects.id, projectId))
    .for('update');
  return rows.length > 0;
}

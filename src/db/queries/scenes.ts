/** Scenes of a project, in order. Positions count from 0; the API leaves no gaps. */
import { and, count, eq, gt, sql } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { scenes, type SceneProps } from '../schema/index.ts';
import type { WriteTx } from '../write.ts';

export interface Scene {
  id: string;
  projectId: string;
  name: string;
  type: string;
  order: number;
  tsxCode: string;
  props: SceneProps;
  durationMs: number;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface SceneContent {
  name: string;
  type: string;
  tsxCode: string;
  props: SceneProps;
  durationMs: number;
}

/** The contract says `order`; SQL reserves the word. */
const columns = {
  id: scenes.id,
  projectId: scenes.projectId,
  name: scenes.name,
  type: scenes.type,
  order: scenes.position,
  tsxCode: scenes.tsxCode,
  props: scenes.props,
  durationMs: scenes.durationMs,
  version: scenes.version,
  createdAt: scenes.createdAt,
  updatedAt: scenes.updatedAt,
};

interface SceneId {
  readonly projectId: string;
  readonly sceneId: string;
}

const isScene = ({ projectId, sceneId }: SceneId) =>
  and(eq(scenes.id, sceneId), eq(scenes.projectId, projectId));

export async function listScenes(db: Pick<ReadDb, 'select'>, projectId: string): Promise<Scene[]> {
  return db
    .select(columns)
    .from(scenes)
    .where(eq(scenes.projectId, projectId))
    .orderBy(scenes.position);
}

export async function findScene(
  db: Pick<ReadDb, 'select'>,
  id: SceneId,
): Promise<Scene | undefined> {
  const [scene] = await db.select(columns).from(scenes).where(isScene(id));
  return scene;
}

/**
 * How many scenes the project has, and the place behind the last. The two differ where a scene was
 * deleted behind the API's back and left a gap.
 */
export async function endOfScenes(
  tx: WriteTx,
  projectId: string,
): Promise<{ count: number; position: number }> {
  const [row] = await tx
    .select({ count: count(), position: sql<number>`coalesce(max(${scenes.position}) + 1, 0)` })
    .from(scenes)
    .where(eq(scenes.projectId, projectId));
  return row ?? { count: 0, position: 0 };
}

export async function insertScene(
  tx: WriteTx,
  scene: SceneContent & { projectId: string; position: number },
): Promise<Scene> {
  const [row] = await tx.insert(scenes).values(scene).returning(columns);
  if (!row) throw new Error('the insert returned no row');
  return row;
}

/** Undefined if the scene is not there, or has another version than the expected one. */
export async function updateScene(
  tx: WriteTx,
  id: SceneId,
  change: { expectedVersion?: number | undefined; content: Partial<SceneContent> },
): Promise<Scene | undefined> {
  const { expectedVersion, content } = change;
  const [row] = await tx
    .update(scenes)
    .set({ ...content, version: sql`${scenes.version} + 1`, updatedAt: new Date() })
    .where(
      and(
        isScene(id),
        expectedVersion === undefined ? undefined : eq(scenes.version, expectedVersion),
      ),
    )
    .returning(columns);
  return row;
}

/** Gives the scenes the positions of their ids' places; the ids are all of the project's. */
export async function reorderScenes(
  tx: WriteTx,
  { projectId, sceneIds }: { projectId: string; sceneIds: readonly string[] },
): Promise<void> {
  const places = sql.join(
    sceneIds.map((id, position) => sql`(${id}::uuid, ${position}::int)`),
    sql`, `,
  );
  await tx.execute(sql`
    UPDATE ${scenes} SET position = place.position
      FROM (VALUES ${places}) AS place (id, position)
     WHERE scenes.id = place.id AND scenes.project_id = ${projectId}
       AND scenes.position <> place.position`);
}

/** Deletes a scene and closes the gap. */
export async function deleteScene(tx: WriteTx, id: SceneId): Promise<Scene | undefined> {
  const [row] = await tx.delete(scenes).where(isScene(id)).returning(columns);
  if (!row) return undefined;
  await tx
    .update(scenes)
    .set({ position: sql`${scenes.position} - 1` })
    .where(and(eq(scenes.projectId, id.projectId), gt(scenes.position, row.order)));
  return row;
}

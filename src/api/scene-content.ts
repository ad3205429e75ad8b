/** What a scene may be, and how one is added: for people's own changes and for decisions alike. */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { lockProject } from '../db/queries/projects.ts';
import { endOfScenes, insertScene, type Scene, type SceneContent } from '../db/queries/scenes.ts';
import type { WriteTx } from '../db/write.ts';
import { label, title } from './input.ts';

/** Scenes of one project: the list is one answer, and is not paged. */
export const SCENES_MAX = 500;
/** Characters of source: what the builder takes at most. */
const TSX_LENGTH_MAX = 256 * 1024;
/** Characters of the props as JSON. */
const PROPS_LENGTH_MAX = 64 * 1024;
const DURATION_MS_MAX = 60 * 60 * 1_000;

export const sceneProps = z
  .record(z.string(), z.json())
  .refine((value) => JSON.stringify(value).length <= PROPS_LENGTH_MAX, {
    message: `Too big: expected at most ${PROPS_LENGTH_MAX} characters of JSON`,
  });

export const sceneContent = z.object({
  name: title,
  type: label,
  tsxCode: z.string().min(1).max(TSX_LENGTH_MAX),
  props: sceneProps,
  durationMs: z.int().min(1).max(DURATION_MS_MAX),
});

/** As the last one. The caller holds the project's lock. */
export async function addScene(
  tx: WriteTx,
  scene: SceneContent & { projectId: string },
): Promise<Scene> {
  const { count, position } = await endOfScenes(tx, scene.projectId);
  if (count >= SCENES_MAX) {
    throw new TRPCError({
      code: 'PRECONDITION_FAILED',
      message: `The project has ${SCENES_MAX} scenes, the most there can be`,
    });
  }
  return insertScene(tx, { ...scene, position });
}

/** Also takes the project's lock: changes of the order happen one after the other. */
export async function requireProject(tx: WriteTx, projectId: string): Promise<void> {
  if (await lockProject(tx, projectId)) return;
  throw new TRPCError({ code: 'NOT_FOUND', message: 'No such project' });
}

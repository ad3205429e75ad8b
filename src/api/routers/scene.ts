/**
 * Scenes: TSX with props, in an order. What is saved is saved as it is, also when it cannot be
 * built: `component.build` says what is wrong with it, and where.
 */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import {
  deleteScene,
  findScene,
  listScenes,
  reorderScenes,
  updateScene,
} from '../../db/queries/scenes.ts';
import { MINUTE, SECOND } from '../../config/duration.ts';
import { sceneText } from '../../services/brain/index.ts';
import { sceneTags } from '../../db/schema/index.ts';
import { cachedQuery } from '../cached.ts';
import { id, projectInput, sceneInput, version, withoutUndefined } from '../input.ts';
import { mutation } from '../mutation.ts';
import {
  addScene,
  requireProject,
  SCENES_MAX,
  sceneContent,
  sceneProps,
} from '../scene-content.ts';
import { router } from '../trpc.ts';

const DEFAULT_DURATION_MS = 5_000;
const QUERY_LENGTH_MAX = 1_000;
const SEARCH_LIMIT = 10;
/** 500 scenes, none of them embedded yet. */
const SEARCH_MS_MAX = 30 * SECOND;

export const sceneList = cachedQuery({
  name: 'scene.list',
  access: { project: 'viewer' },
  scope: 'project',
  input: projectInput,
  tags: ({ input }) => [sceneTags.ofProject(input)],
  load: ({ input }, { db }) => listScenes(db, input.projectId),
});

export const sceneById = cachedQuery({
  name: 'scene.byId',
  access: { project: 'viewer' },
  scope: 'project',
  input: sceneInput,
  tags: ({ input }) => [sceneTags.one({ id: input.sceneId })],
  load: ({ input }, { db }) => findScene(db, input),
});

/**
 * Scenes by what they are about, the nearest first; scores are cosines. The embedder reads English, and
 * of a long scene the beginning.
 */
const sceneSearch = cachedQuery({
  name: 'scene.search',
  access: { project: 'viewer' },
  scope: 'project',
  freshness: { ttlMs: 5 * MINUTE, loadTimeoutMs: SEARCH_MS_MAX },
  input: projectInput.extend({
    query: z.string().trim().min(1).max(QUERY_LENGTH_MAX),
    limit: z.int().min(1).max(SCENES_MAX).default(SEARCH_LIMIT),
  }),
  tags: ({ input }) => [sceneTags.ofProject(input)],
  async load({ input: { projectId, query, limit } }, { db, embed, signal }) {
    const scenes = await listScenes(db, projectId);
    if (scenes.length === 0) return [];
    const [wanted, ...vectors] = await embed([query, ...scenes.map(sceneText)], signal);
    return scenes
      .map((scene, index) => ({ scene, score: cosine(wanted, vectors[index]) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  },
});

/** Of vectors of length 1. */
function cosine(a: Float32Array = new Float32Array(), b: Float32Array = a): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

export const sceneRouter = router({
  list: sceneList,
  byId: sceneById,
  search: sceneSearch,

  create: mutation({
    access: { project: 'editor' },
    input: projectInput.extend({
      ...sceneContent.shape,
      props: sceneProps.default({}),
      durationMs: sceneContent.shape.durationMs.default(DEFAULT_DURATION_MS),
    }),
    run: ({ input, write }) =>
      write(async (tx) => {
        await requireProject(tx, input.projectId);
        return addScene(tx, input);
      }),
  }),

  update: mutation({
    access: { project: 'editor' },
    input: sceneInput.extend({
      ...sceneContent.partial().shape,
      expectedVersion: version.optional(),
    }),
    run: ({ input, write }) =>
      write(async (tx) => {
        const { expectedVersion, projectId, sceneId, ...given } = input;
        const scene = await updateScene(
          tx,
          { projectId, sceneId },
          { expectedVersion, content: withoutUndefined(given) },
        );
        if (scene) return scene;
        const current = await findScene(tx, input);
        if (!current) throw noSuchScene();
        throw new TRPCError({
          code: 'CONFLICT',
          message: `The scene has version ${current.version}, not ${expectedVersion}: load it again`,
        });
      }),
  }),

  reorder: mutation({
    access: { project: 'editor' },
    input: projectInput.extend({ sceneIds: z.array(id).max(SCENES_MAX) }),
    run: ({ input, write }) =>
      write(async (tx) => {
        await requireProject(tx, input.projectId);
        const current = await listScenes(tx, input.projectId);
        const wanted = new Set(input.sceneIds);
        const complete =
          input.sceneIds.length === current.length &&
          wanted.size === current.length &&
          current.every((scene) => wanted.has(scene.id));
        if (!complete) {
          throw new TRPCError({
            code: 'BAD_REQUEST',
            message: 'sceneIds: give every scene of the project exactly once',
          });
        }
        if (current.length > 0) await reorderScenes(tx, input);
        return listScenes(tx, input.projectId);
      }),
  }),

  delete: mutation({
    access: { project: 'editor' },
    input: sceneInput,
    run: ({ input, write }) =>
      write(async (tx) => {
        await requireProject(tx, input.projectId);
        const scene = await deleteScene(tx, input);
        if (!scene) throw noSuchScene();
        return scene;
      }),
  }),
});

function noSuchScene(): TRPCError {
  return new TRPCError({ code: 'NOT_FOUND', message: 'No such scene' });
}

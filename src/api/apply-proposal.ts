/** Does what a decision proposes, inside one transaction: all of it as it was shown, or nothing. */
import { TRPCError } from '@trpc/server';
import {
  deleteScene,
  listScenes,
  reorderScenes,
  updateScene,
  type Scene,
  type SceneContent,
} from '../db/queries/scenes.ts';
import type { WriteTx } from '../db/write.ts';
import { editedCode, type Proposal, type SceneEdit } from '../services/brain/index.ts';
import { withoutUndefined } from './input.ts';
import { addScene, sceneContent } from './scene-content.ts';

/**
 * The caller holds the project's lock.
 * @returns the scene, where it was about one
 * @throws TRPCError CONFLICT when the scenes are no longer what the proposal was made for
 */
export async function applyProposal(
  tx: WriteTx,
  projectId: string,
  proposal: Proposal,
): Promise<Scene | undefined> {
  switch (proposal.operation) {
    case 'create':
      return addScene(tx, { projectId, ...proposal.scene });
    case 'edit':
      return edit(tx, projectId, proposal.edits);
    case 'delete': {
      const { scenes } = proposal;
      await expectVersions(tx, projectId, scenes);
      const gone: (Scene | undefined)[] = [];
      for (const { sceneId } of scenes) gone.push(await deleteScene(tx, { projectId, sceneId }));
      return gone.length === 1 ? gone[0] : undefined;
    }
    case 'reorder': {
      const now = (await listScenes(tx, projectId)).map(({ id }) => id);
      const same =
        now.length === proposal.from.length && now.every((id, at) => id === proposal.from[at]);
      if (!same) throw changed('The order of the scenes');
      await reorderScenes(tx, { projectId, sceneIds: proposal.to });
      return undefined;
    }
    case 'answer':
      return undefined;
  }
}

async function edit(
  tx: WriteTx,
  projectId: string,
  edits: readonly SceneEdit[],
): Promise<Scene | undefined> {
  const byId = await expectVersions(tx, projectId, edits);
  const done: Scene[] = [];
  for (const each of edits) {
    const { sceneId, version } = each;
    const scene = byId.get(sceneId);
    const content = scene && contentOf(scene, each);
    const edited =
      content &&
      (await updateScene(tx, { projectId, sceneId }, { expectedVersion: version, content }));
    // Somebody who does not take the project's lock was faster.
    if (!edited) throw changed('A scene');
    done.push(edited);
  }
  return done.length === 1 ? done[0] : undefined;
}

function contentOf(scene: Scene, change: SceneEdit): Partial<SceneContent> {
  const { name, type, durationMs, props, code, tsxCode } = change;
  const content = sceneContent.partial().safeParse({
    name,
    type,
    durationMs,
    props: props && { ...scene.props, ...props },
    tsxCode: tsxCode ?? (code && editedCode(scene.tsxCode, change)),
  });
  if (content.success) return withoutUndefined(content.data);
  const why = content.error.issues.map(({ message }) => message).join('; ');
  throw new TRPCError({ code: 'PRECONDITION_FAILED', message: `“${scene.name}”: ${why}` });
}

/** All of the scenes are there, each in the version that was seen. */
async function expectVersions(
  tx: WriteTx,
  projectId: string,
  expected: readonly { readonly sceneId: string; readonly version: number }[],
): Promise<ReadonlyMap<string, Scene>> {
  const byId = new Map((await listScenes(tx, projectId)).map((scene) => [scene.id, scene]));
  for (const { sceneId, version } of expected) {
    const scene = byId.get(sceneId);
    if (!scene) throw changed('A scene that was deleted');
    if (scene.version !== version) throw changed(`“${scene.name}”`);
  }
  return byId;
}

function changed(what: string): TRPCError {
  return new TRPCError({
    code: 'CONFLICT',
    message: `${what} has changed since the decision was made, and nothing was done: decide anew`,
  });
}

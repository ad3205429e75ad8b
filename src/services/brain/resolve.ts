/**
 * An intent on the scenes that there are now. A target that is not there or not unique, and a change
 * that cannot be made, resolve to an answer that says so: nobody's scene is guessed.
 */
import type { Scene } from '../../db/queries/scenes.ts';
import { CannotError, editScene, NeedsCodeError } from './edit-scene.ts';
import { plainName } from './equivalence.ts';
import type { Action, Intent, Target } from './intent.ts';
import { newScene } from './new-scene.ts';
import type { Proposal, Resolution } from './proposal.ts';
import type { SceneCode } from './rewrite.ts';

/**
 * @param scenes  all of the project's, in their order
 * @param written  new code for the one scene that is edited, where it takes some
 */
export function resolve(
  { action }: Pick<Intent, 'action'>,
  scenes: readonly Scene[],
  written?: SceneCode,
): Resolution {
  try {
    return resolved(action, scenes, written);
  } catch (error) {
    if (!(error instanceof CannotError)) throw error;
    return { proposal: { operation: 'answer', text: error.message }, targetSceneId: undefined };
  }
}

/** The one scene that the intent edits, if that takes new code. */
export function sceneToRewrite(
  { action }: Pick<Intent, 'action'>,
  scenes: readonly Scene[],
): Scene | undefined {
  if (action.operation !== 'edit') return undefined;
  try {
    const [scene, ...others] = find(action.target, scenes);
    if (!scene || others.length > 0) return undefined;
    try {
      editScene(scene, action.changes);
    } catch (error) {
      if (error instanceof NeedsCodeError) return scene;
      throw error;
    }
  } catch (error) {
    if (!(error instanceof CannotError)) throw error;
  }
  return undefined;
}

function resolved(action: Action, scenes: readonly Scene[], written?: SceneCode): Resolution {
  switch (action.operation) {
    case 'create':
      return {
        proposal: { operation: 'create', scene: newScene(action) },
        targetSceneId: undefined,
      };
    case 'edit': {
      const targets = find(action.target, scenes);
      const edits = targets.map((scene) =>
        editScene(scene, action.changes, written?.sceneId === scene.id ? written : undefined),
      );
      return about(targets, { operation: 'edit', edits });
    }
    case 'delete': {
      const targets = find(action.target, scenes);
      const gone = targets.map(({ id, version }) => ({ sceneId: id, version }));
      return about(targets, { operation: 'delete', scenes: gone });
    }
    case 'reorder': {
      const from = scenes.map(({ id }) => id);
      const targets = find(action.target, scenes);
      const moved = targets.length === 1 ? targets : [];
      return about(moved, { operation: 'reorder', from, to: reordered(action, scenes) });
    }
    case 'answer':
      return about([], { operation: 'answer', text: answerTo(action, scenes) });
  }
}

function about(targets: readonly Scene[], proposal: Proposal): Resolution {
  return { proposal, targetSceneId: targets.length === 1 ? targets[0]?.id : undefined };
}

/** At least one scene. */
function find(target: Target, scenes: readonly Scene[]): readonly Scene[] {
  if (scenes.length === 0) throw new CannotError('The project has no scenes yet');
  if (target.by === 'all') return scenes;
  if (target.by === 'name') return [findNamed(target.name, scenes)];
  const { place } = target;
  const scene = place > 0 ? scenes[place - 1] : scenes.at(place);
  if (place !== 0 && scene) return [scene];
  throw new CannotError(`There is no scene ${place}: the project has ${scenes.length}`);
}

function findNamed(name: string, scenes: readonly Scene[]): Scene {
  const wanted = plainName(name);
  for (const property of ['name', 'type'] as const) {
    const found = scenes.filter((scene) => plainName(scene[property]) === wanted);
    if (found.length > 1) {
      throw new CannotError(
        `${found.length} scenes have the ${property} “${name}”: say which by its place`,
      );
    }
    if (found[0]) return found[0];
  }
  const names = scenes.map((scene) => `“${scene.name}”`).join(', ');
  throw new CannotError(`There is no scene “${name}”; there are ${names}`);
}

function findOne(target: Target, scenes: readonly Scene[]): string {
  const [scene, ...others] = find(target, scenes);
  if (scene && others.length === 0) return scene.id;
  throw new CannotError('One scene is moved at a time');
}

function reordered(
  { target, to }: Extract<Action, { operation: 'reorder' }>,
  scenes: readonly Scene[],
): string[] {
  const ids = scenes.map(({ id }) => id);
  if (to.relation === 'reverse') return ids.toReversed();
  const moved = findOne(target, scenes);
  const others = ids.filter((id) => id !== moved);
  if (to.relation === 'place') {
    const at = to.place > 0 ? to.place - 1 : ids.length + to.place;
    if (to.place === 0 || at < 0 || at >= ids.length) {
      throw new CannotError(`There is no place ${to.place}: the project has ${ids.length} scenes`);
    }
    return others.toSpliced(at, 0, moved);
  }
  const other = findOne(to.of, scenes);
  if (other === moved) throw new CannotError('A scene cannot be moved around itself');
  if (to.relation === 'swap') {
    return ids.map((id) => (id === moved ? other : id === other ? moved : id));
  }
  return others.toSpliced(others.indexOf(other) + (to.relation === 'after' ? 1 : 0), 0, moved);
}

function answerTo(
  { about: what, text }: Extract<Action, { operation: 'answer' }>,
  scenes: readonly Scene[],
): string {
  const totalMs = scenes.reduce((sum, { durationMs }) => sum + durationMs, 0);
  switch (what) {
    case 'sceneCount':
      return scenes.length === 1 ? 'There is 1 scene.' : `There are ${scenes.length} scenes.`;
    case 'totalDuration':
      return `All scenes together last ${totalMs / 1_000} seconds.`;
    case 'sceneNames':
      return (
        scenes.map(({ name }, index) => `${index + 1}. ${name}`).join('\n') || 'There are none.'
      );
    case 'text':
      return text ?? '';
  }
}

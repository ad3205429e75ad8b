/** What a scene is about, in the words that people see: its name, its type and its texts. */
import type { Scene } from '../../db/queries/scenes.ts';
import { isColour } from './colours.ts';
import { valuesOf } from './scene-values.ts';

export function sceneText(scene: Pick<Scene, 'name' | 'type' | 'props' | 'tsxCode'>): string {
  const texts = [...valuesOf(scene).values()].flatMap((value) =>
    typeof value === 'string' && !isColour(value) ? [value] : [],
  );
  return [`${scene.name}, a ${scene.type} scene`, ...texts].join('. ');
}

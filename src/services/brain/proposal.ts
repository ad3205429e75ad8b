/**
 * What a decision would do, on scenes with ids: an intent resolved. It holds what it expects to find
 * (versions, the order), so that it is done as it was shown or not at all. Stored as JSON.
 */
import type { SceneContent } from '../../db/queries/scenes.ts';

interface SceneAtVersion {
  readonly sceneId: string;
  readonly version: number;
}

export interface SceneEdit extends SceneAtVersion {
  readonly name?: string;
  readonly type?: string;
  readonly durationMs?: number;
  /** Those that change; the others stay. */
  readonly props?: Readonly<Record<string, unknown>>;
  /** New code as a whole. */
  readonly tsxCode?: string;
  /** `find` occurs once in the scene's code. */
  readonly code?: readonly { readonly find: string; readonly replace: string }[];
}

export type Proposal =
  | { readonly operation: 'create'; readonly scene: SceneContent }
  | { readonly operation: 'edit'; readonly edits: readonly SceneEdit[] }
  | { readonly operation: 'delete'; readonly scenes: readonly SceneAtVersion[] }
  /** Ids of all scenes: the order expected, and the new one. */
  | {
      readonly operation: 'reorder';
      readonly from: readonly string[];
      readonly to: readonly string[];
    }
  | { readonly operation: 'answer'; readonly text: string };

export interface Resolution {
  readonly proposal: Proposal;
  /** Where it is about one scene. */
  readonly targetSceneId: string | undefined;
}

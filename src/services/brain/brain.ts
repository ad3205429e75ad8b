/** Who decides what a prompt asks for: a model, or rules. Knows no project, no row and no cache. */
import type { Intent } from './intent.ts';
import type { RewriteRequest, Rewritten } from './rewrite.ts';

/** All of a project that a decision may depend on: what is not here is not in the cache's key. */
export interface ProjectContext {
  readonly projectType: string;
  readonly sceneCount: number;
  /** Null in an empty project. */
  readonly lastSceneType: string | null;
}

/** As much of it as the prompt can depend on (`relevantContext`): what is not here nobody is shown. */
export type BrainContext = Pick<ProjectContext, 'projectType'> & Partial<ProjectContext>;

export interface Thought {
  readonly intent: Intent;
  /** Tokens that it cost; 0 where nothing is paid for. */
  readonly tokens: number;
}

export interface Brain {
  /** Shown with each decision, e.g. `offline-rules`. */
  readonly model: string;
  /** Where the model answers, since another address may have another model of that name. Part of the key. */
  readonly endpoint: string;
  /** Of what else its intents follow from (template, rules): part of the cache's key. */
  readonly version: string;
  /** @throws ModelError */
  decide(prompt: string, context: BrainContext, signal: AbortSignal): Promise<Thought>;
  /**
   * New code for one scene. Undefined: it cannot write any.
   * @throws ModelError
   */
  readonly rewrite?: (request: RewriteRequest, signal: AbortSignal) => Promise<Rewritten>;
}

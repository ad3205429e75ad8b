/**
 * New code for a scene, where a wish cannot be met by its props or by one literal: a second question to
 * the model, about this scene alone, whose answer is kept nowhere. What comes back has to build; else
 * it is asked for once more, and then given up.
 */
import { z } from 'zod';
import type { Scene } from '../../db/queries/scenes.ts';
import type { Builder } from '../builder/index.ts';
import { ModelError } from '../model/index.ts';

/** What the builder takes at most. */
const TSX_LENGTH_MAX = 256 * 1024;
const ATTEMPTS_MAX = 2;

export const rewriteSchema = z.object({ tsxCode: z.string().min(1).max(TSX_LENGTH_MAX) });

export interface RewriteRequest {
  readonly prompt: string;
  readonly tsxCode: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Why the code before this one did not build. */
  readonly complaint?: string;
}

export interface Rewritten {
  readonly tsxCode: string;
  readonly tokens: number;
}

export interface SceneCode extends Rewritten {
  readonly sceneId: string;
  /** Of the scene that was rewritten: if it has another now, this is of no use. */
  readonly version: number;
}

export type RewriteScene = (
  scene: Scene,
  prompt: string,
  signal: AbortSignal,
) => Promise<SceneCode>;

export interface RewriterOptions {
  readonly rewrite: (request: RewriteRequest, signal: AbortSignal) => Promise<Rewritten>;
  readonly builder: Pick<Builder, 'build'>;
}

/** @throws ModelError */
export function createRewriter({ rewrite, builder }: RewriterOptions): RewriteScene {
  return async ({ id: sceneId, name, version, tsxCode, props }, prompt, signal) => {
    let tokens = 0;
    let complaint: string | undefined;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const request = { prompt, tsxCode, props, ...(complaint === undefined ? {} : { complaint }) };
      const rewritten = await rewrite(request, signal);
      tokens += rewritten.tokens;
      const built = await builder.build({ name, props, tsxCode: rewritten.tsxCode }, signal);
      if (built.success) return { sceneId, version, tsxCode: rewritten.tsxCode, tokens };
      complaint = built.errors.map(({ message, line }) => `line ${line}: ${message}`).join('\n');
    }
    throw new ModelError('malformed', 'The model wrote code that does not build', {
      cause: complaint,
    });
  };
}

/**
 * Loads what people will ask for before they ask: behind an opened project, or by an admin. One
 * load at a time, and few projects at once, so that warming never competes with requests.
 */
import { readCached } from './cached.ts';
import type { Context, Services } from './context.ts';
import { giveEmbedding, type GivenEmbedding } from './embeddings.ts';
import { componentBuild } from './routers/component.ts';
import { giveAnswer, type GivenAnswer } from './routers/decision.ts';
import { sceneById, sceneList } from './routers/scene.ts';

/** Scenes warmed at most: what the first screens of a project show. */
const SCENES_MAX = 50;
/** Warmed behind answers at once, in this process: fewer than loads or builds may run together. */
const BEHIND_MAX = 4;

interface WarmOptions {
  readonly ctx: Context;
  readonly projectId: string;
  /** As whom; what is warmed is shared by all members. */
  readonly userId: string;
}

/** @returns how many answers are now cached; a scene that cannot be built is none */
export async function warmProject({ ctx, projectId, userId }: WarmOptions): Promise<number> {
  const scenes = await readCached(sceneList, { ctx, input: { projectId }, userId });
  let warmed = 1;
  for (const scene of scenes.slice(0, SCENES_MAX)) {
    const input = { projectId, sceneId: scene.id };
    await readCached(sceneById, { ctx, input, userId });
    const build = await readCached(componentBuild, { ctx, input, userId });
    warmed += build.success ? 2 : 1;
  }
  return warmed;
}

export interface GivenValues {
  readonly embeddings: readonly GivenEmbedding[];
  readonly answers: readonly GivenAnswer[];
}

/**
 * Loads values that are known already: vectors of texts, and what prompts ask for. What is kept already
 * stays as it is.
 * @returns how many are new
 */
export async function warmup(services: Services, { embeddings, answers }: GivenValues) {
  const warmed = { embeddings: 0, answers: 0 };
  for (const given of embeddings) {
    if (await giveEmbedding(services, given)) warmed.embeddings += 1;
  }
  for (const given of answers) if (await giveAnswer(services, given)) warmed.answers += 1;
  return warmed;
}

/** The projects that are being warmed behind an answer, by cache. */
const behind = new WeakMap<object, Set<string>>();

/**
 * The same, behind an answer: nobody waits for it, and what fails will fail again for whoever asks
 * for it, and say so. A project that is being warmed, or one too many, is left to its readers.
 */
export function warmBehind(options: WarmOptions): void {
  const { ctx, projectId } = options;
  const { cache } = ctx.services;
  const warming = behind.get(cache) ?? new Set();
  behind.set(cache, warming);
  if (warming.size >= BEHIND_MAX || warming.has(projectId)) return;
  warming.add(projectId);
  void warmProject(options)
    .catch(() => undefined)
    .finally(() => warming.delete(projectId));
}

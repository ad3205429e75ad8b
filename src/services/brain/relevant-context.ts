/**
 * What of a project's context a prompt can depend on. An intent refers to scenes as the prompt does and
 * is resolved on those that there are, so how many they are, and of which type the last one is, matters
 * only where the prompt counts, compares, or refers to what it does not name. Elsewhere whoever decides
 * is not told, so that an answer cannot depend on what is not in its key.
 */
import type { BrainContext, ProjectContext } from './brain.ts';

const DEPENDENT =
  /\b(?:middle|half|halfway|evenly|every|each|both|rest|remaining|others?|another|same|like|similar|match(?:es|ing)?|again|more|next|previous|too|also|it|its|this|that|these|those|them|one)\b/i;

/** Equal for contexts in which the prompt asks for the same. An empty project is like no other. */
export function relevantContext(prompt: string, context: ProjectContext): BrainContext {
  if (context.sceneCount === 0 || DEPENDENT.test(prompt)) return context;
  return { projectType: context.projectType };
}

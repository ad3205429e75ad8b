/** Every table, and the tags of those that results depend on. */
import { createTagRegistry } from '../tag-registry.ts';
import { sessionTags, userTags } from './auth.ts';
import { buildTags } from './builds.ts';
import { conversationTags, messageTags } from './conversations.ts';
import { decisionTags } from './decisions.ts';
import { personalityTags } from './personality.ts';
import { personaTags } from './personas.ts';
import { preferenceTags } from './preferences.ts';
import { memberTags, projectTags } from './projects.ts';
import { sceneTags } from './scenes.ts';

export * from './auth.ts';
export * from './builds.ts';
export * from './coherence.ts';
export * from './conversations.ts';
export * from './decisions.ts';
export * from './personality.ts';
export * from './personas.ts';
export * from './preferences.ts';
export * from './projects.ts';
export * from './scenes.ts';
export * from './similar.ts';

export const tagRegistry = createTagRegistry([
  userTags,
  sessionTags,
  projectTags,
  memberTags,
  sceneTags,
  buildTags,
  personaTags,
  conversationTags,
  messageTags,
  personalityTags,
  preferenceTags,
  decisionTags,
]);

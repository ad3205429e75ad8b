/** The whole API. Clients import its type only. */
import { adminRouter } from './routers/admin.ts';
import { assistantRouter } from './routers/assistant.ts';
import { componentRouter } from './routers/component.ts';
import { decisionApply, decisionRouter } from './routers/decision.ts';
import { personaRouter } from './routers/persona.ts';
import { personalityRouter } from './routers/personality.ts';
import { preferencesRouter } from './routers/preferences.ts';
import { projectRouter } from './routers/project.ts';
import { sceneRouter } from './routers/scene.ts';
import { createCallerFactory, router } from './trpc.ts';

export const appRouter = router({
  admin: adminRouter,
  assistant: assistantRouter,
  component: componentRouter,
  decision: decisionRouter,
  'decision.apply': decisionApply,
  persona: personaRouter,
  personality: personalityRouter,
  preferences: preferencesRouter,
  project: projectRouter,
  scene: sceneRouter,
});

export type AppRouter = typeof appRouter;

/** Calls procedures without HTTP, with the same checks and caches. */
export const createCaller = createCallerFactory(appRouter);

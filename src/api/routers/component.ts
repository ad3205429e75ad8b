/** Built scenes: content-addressed, so that a scene set back to an earlier text costs no build. */
import { z } from 'zod';
import { DAY } from '../../config/duration.ts';
import { findBuild } from '../../db/queries/builds.ts';
import { findScene } from '../../db/queries/scenes.ts';
import { buildTags, sceneTags } from '../../db/schema/index.ts';
import { buildKey, type BuildFailure, type BuildSuccess } from '../../services/builder/index.ts';
import { cachedQuery } from '../cached.ts';
import { sceneInput } from '../input.ts';
import { router } from '../trpc.ts';

export type ComponentBuild = (BuildSuccess | BuildFailure) & { version: number };

export const componentBuild = cachedQuery({
  name: 'component.build',
  access: { project: 'viewer' },
  scope: 'project',
  freshness: { ttlMs: DAY },
  input: sceneInput.extend({ props: z.record(z.string(), z.json()).optional() }),
  tags: ({ input }) => [sceneTags.one({ id: input.sceneId })],
  async load({ input }, context): Promise<ComponentBuild | undefined> {
    const { db, builder, depend, doNotKeep, keepBuild, signal } = context;
    const scene = await findScene(db, input);
    if (!scene) return undefined;
    const source = {
      name: scene.name,
      tsxCode: scene.tsxCode,
      props: input.props ?? scene.props,
    };
    const key = buildKey(source);
    depend(buildTags.one({ key }));
    const kept = await findBuild(db, key);
    if (kept) {
      const { code, map, warnings, bytes } = kept;
      return { success: true, code, map, warnings, bytes, version: scene.version };
    }
    const result = await builder.build(source, signal);
    if (result.success) {
      const { code, map, warnings, bytes } = result;
      await keepBuild({ key, code, map, warnings, bytes });
    } else {
      doNotKeep();
    }
    return { ...result, version: scene.version };
  },
});

export const componentRouter = router({ build: componentBuild });

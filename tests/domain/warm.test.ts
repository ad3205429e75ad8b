/** Opening a project warms it behind the answer, and never more than a little at once. */
import { expect, it } from 'vitest';
import type { Builder } from '../../src/services/builder/index.ts';
import { until } from '../contract/when-ready.ts';
import { createStudio } from './fixture.ts';
import { addTeam } from './people.ts';

/** Every scene fails, so that no build is kept, and not before it is let go. */
function createHeldBuilder() {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const counts = { running: 0, done: 0 };
  const builder: Builder = {
    async build() {
      counts.running += 1;
      await held;
      counts.running -= 1;
      counts.done += 1;
      return { success: false, errors: [] };
    },
    close: async () => undefined,
  };
  return { builder, counts, release };
}

it('one that is opened again and again is warmed once, and again when it is opened later', async () => {
  const { builder, counts, release } = createHeldBuilder();
  await using studio = await createStudio({ builder });
  const { projectId, sceneIds } = await addTeam(studio);
  const open = () => studio.as('owner').project.open({ projectId });
  for (let n = 0; n < 10; n += 1) await open();
  await until(() => counts.running === 1);
  release();
  const builds = () => studio.cache.report().caches.find(({ name }) => name === 'component.build');
  await until(() => builds()?.misses === sceneIds.length);
  expect(builds()).toMatchObject({ joined: 0 });
  await until(async () => {
    await open();
    return counts.done > sceneIds.length;
  });
});

it('however many are opened, four are warmed at once', async () => {
  const { builder, counts, release } = createHeldBuilder();
  await using studio = await createStudio({ builder });
  const teams = await Promise.all(Array.from({ length: 6 }, () => addTeam(studio)));
  for (const { projectId } of teams) await studio.as('owner').project.open({ projectId });
  await until(() => counts.running === 4);
  release();
  const scenes = 4 * teams[0]!.sceneIds.length;
  await until(() => counts.done >= scenes && counts.running === 0);
  expect(counts).toEqual({ running: 0, done: scenes });
});

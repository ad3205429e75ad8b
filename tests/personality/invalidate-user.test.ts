import { expect, it } from 'vitest';
import { createLocalByteStore } from '../../src/cache/index.ts';
import type { CacheMark } from '../../src/api/context.ts';
import { createStudio, type Studio } from '../domain/fixture.ts';
import { addTeam } from '../domain/people.ts';
import { addTalk } from '../domain/personality-world.ts';
import { CACHED, ROWS, type Team } from '../domain/procedures.ts';

/** By procedure: whether the person was answered from a cache, and from which. */
async function outcomes(studio: Studio, team: Team, who: 'owner' | 'editor') {
  const found: Record<string, string> = {};
  for (const { path } of CACHED) {
    const marks: CacheMark[] = [];
    const caller = studio.as(who, (mark) => marks.push(mark));
    await ROWS[path]!.call(caller, team, studio).catch(() => undefined);
    const [mark] = marks;
    if (mark) found[path] = mark.outcome === 'hit' ? mark.tier : mark.outcome;
  }
  return found;
}

it('admin.invalidateUser drops what is of one user in all tiers, and nothing of anybody else', async () => {
  const store = createLocalByteStore();
  await using here = await createStudio({ store });
  const team = await addTeam(here);
  await addTalk(here);
  await using there = await createStudio({ store, beside: here });
  for (const studio of [here, there]) {
    await studio.renewed();
    for (const who of ['owner', 'editor'] as const) {
      await outcomes(studio, team, who);
      expect(new Set(Object.values(await outcomes(studio, team, who)))).toEqual(new Set(['l1']));
    }
  }

  await here.as('admin').admin.invalidateUser({ userId: here.people.owner.id.toUpperCase() });
  await there.renewed();
  const ownCaches = [
    'assistant.conversations',
    'assistant.history',
    'personality.get',
    'preferences.get',
    'project.byId',
    'project.list',
  ];
  const owners = await outcomes(here, team, 'owner');
  for (const [path, outcome] of Object.entries(owners)) {
    // Everybody's e-mail addresses are in the list of members.
    const dropped = ownCaches.includes(path) || path === 'project.members';
    expect({ path, outcome }).toEqual({ path, outcome: dropped ? 'miss' : 'l1' });
  }
  const editors = await outcomes(there, team, 'editor');
  for (const path of ownCaches.filter((name) => name in editors)) {
    expect({ path, outcome: editors[path] }).toEqual({ path, outcome: 'l1' });
  }

  await expect(
    here.as('admin').admin.invalidateUser({ userId: crypto.randomUUID() }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

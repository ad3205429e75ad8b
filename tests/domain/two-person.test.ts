/** Who may do what, and that nothing kept for one person is ever answered to another. */
import { TRPCError } from '@trpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eq } from 'drizzle-orm';
import { systemClock } from '../../src/cache/coherence/index.ts';
import { sessions, users } from '../../src/db/schema/index.ts';
import { sessionCache } from '../../src/server/sessions.ts';
import { askAll, findStale } from './answers.ts';
import { createStudio, type Studio } from './fixture.ts';
import { addTeam, ROLES } from './people.ts';
import { CACHED, PROCEDURES, ROWS, type Answer, type Team } from './procedures.ts';

let studio: Studio;

beforeAll(async () => {
  studio = await createStudio();
});

afterAll(() => studio[Symbol.asyncDispose]());

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    return error instanceof TRPCError ? error.code : String(error);
  }
}

describe.each(PROCEDURES)('$path', ({ path }) => {
  const row = ROWS[path];

  it.each(['nobody', ...ROLES] as const)('answers what it should to: %s', async (who) => {
    expect(row, 'a new procedure needs a row in procedures.ts').toBeDefined();
    const team = await addTeam(studio);
    const isCached = CACHED.some((procedure) => procedure.path === path);
    if (isCached) await row!.call(studio.as('owner'), team, studio);
    expect(await outcomeOf(row!.call(studio.as(who), team, studio))).toBe(row!.answers[who]);
  });
});

describe('on a warm cache', () => {
  /** Every cached procedure as every person, so that whatever may be kept is kept. */
  async function warm(team: Team): Promise<void> {
    for (const who of ROLES) {
      for (const { path } of CACHED)
        await outcomeOf(ROWS[path]!.call(studio.as(who), team, studio));
    }
  }

  /** What takes a membership. */
  const ofProject = CACHED.filter(({ path }) => {
    const answers = ROWS[path]?.answers;
    return answers?.viewer === 'ok' && answers.outsider === 'NOT_FOUND';
  });

  async function answersTo(who: (typeof ROLES)[number], team: Team, where = studio) {
    const answers = await Promise.all(
      ofProject.map(({ path }) => outcomeOf(ROWS[path]!.call(where.as(who), team, where))),
    );
    return [...new Set(answers)] as Answer[];
  }

  it("is answered each person's own role and list", async () => {
    const team = await addTeam(studio);
    const { projectId } = team;
    await warm(team);
    for (const role of ['owner', 'editor', 'viewer'] as const) {
      expect(await studio.as(role).project.byId({ projectId })).toMatchObject({ role });
      const own = (await studio.as(role).project.list()).find(({ id }) => id === projectId);
      expect(own).toMatchObject({ role });
    }
    for (const role of ['outsider', 'admin'] as const) {
      expect((await studio.as(role).project.list()).map(({ id }) => id)).not.toContain(projectId);
    }
  });

  it.each(ROLES)(
    'everybody is answered their own, also when everything was asked first by: %s',
    async (first) => {
      const places = [await addTeam(studio)];
      await studio.as('admin').admin.flush();
      await askAll(() => studio.as(first), { places, builds: true });
      expect(await findStale(studio, { places, builds: true })).toEqual([]);
    },
  );

  it('a removed member is refused at once, and nobody else is', async () => {
    const team = await addTeam(studio);
    await warm(team);
    expect(await answersTo('viewer', team)).toEqual(['ok']);
    const { projectId } = team;
    await studio.as('owner').project.removeMember({ projectId, userId: studio.people.viewer.id });
    expect(await answersTo('viewer', team)).toEqual(['NOT_FOUND']);
    expect(await answersTo('editor', team)).toEqual(['ok']);
    expect((await studio.as('viewer').project.list()).map(({ id }) => id)).not.toContain(projectId);
  });

  it('an added member is let in at once, also after having been refused', async () => {
    const team = await addTeam(studio);
    await warm(team);
    expect(await answersTo('outsider', team)).toEqual(['NOT_FOUND']);
    const { projectId } = team;
    const { email } = studio.people.outsider;
    await studio.as('owner').project.addMember({ projectId, email, role: 'viewer' });
    expect(await answersTo('outsider', team)).toEqual(['ok']);
  });

  it('a changed role acts at once', async () => {
    const team = await addTeam(studio);
    await warm(team);
    const { projectId } = team;
    const rename = () =>
      outcomeOf(
        studio.as('viewer').scene.update({ projectId, sceneId: team.sceneIds[0]!, name: 'Mine' }),
      );
    expect(await rename()).toBe('FORBIDDEN');
    const member = { projectId, email: studio.people.viewer.email };
    await studio.as('owner').project.addMember({ ...member, role: 'editor' });
    expect(await rename()).toBe('ok');
    expect(await studio.as('viewer').project.byId({ projectId })).toMatchObject({ role: 'editor' });
    await studio.as('owner').project.addMember({ ...member, role: 'viewer' });
    expect(await rename()).toBe('FORBIDDEN');
  });

  it('in another process a removal, a ban and a sign-out act when they have returned', async () => {
    // Two processes without a journal: a writer waits until the other's lease has run out.
    const lease = { clock: systemClock, leaseMs: 400 };
    await using here = await createStudio(lease);
    const team = await addTeam(here);
    await using there = await createStudio({ ...lease, beside: here });
    const { projectId } = team;
    expect(await answersTo('viewer', team, there)).toEqual(['ok']);
    expect(await answersTo('viewer', team, there)).toEqual(['ok']);
    await here.as('owner').project.removeMember({ projectId, userId: here.people.viewer.id });
    expect(await answersTo('viewer', team, there)).toEqual(['NOT_FOUND']);

    const { id: userId } = here.people.editor;
    const session = (token: string) => there.cache.get(sessionCache, { token });
    const expiresAt = new Date(8.64e12);
    await here.services.write((tx) =>
      tx
        .insert(sessions)
        .values(['laptop', 'phone'].map((token) => ({ token, userId, expiresAt }))),
    );
    const { editor } = here.people;
    expect([await session('laptop'), await session('phone')]).toMatchObject([
      { user: editor },
      { user: editor },
    ]);
    await here.services.write((tx) => tx.delete(sessions).where(eq(sessions.token, 'laptop')));
    expect(await session('laptop')).toBeUndefined();
    expect(await session('phone')).toBeDefined();
    await here.services.write((tx) =>
      tx.update(users).set({ banned: true }).where(eq(users.id, userId)),
    );
    expect(await session('phone')).toBeUndefined();
  });
});

/** A mutation whose costly step is cached: it acts each time, and asks the model only when it must. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cachedAction } from '../../src/api/cached.ts';
import { createCallerFactory, router } from '../../src/api/trpc.ts';
import { listScenes } from '../../src/db/queries/scenes.ts';
import { insertProject } from '../../src/db/queries/projects.ts';
import { sceneTags, users } from '../../src/db/schema/index.ts';
import { createStudio, type Studio } from './fixture.ts';

type Ask = (prompt: string) => Promise<string>;

/** A cache is defined once in a process; what answers it differs from test to test. */
const model: { ask: Ask } = { ask: () => Promise.reject(new Error('no model')) };

/** Names a new project after what a "model" answers to a prompt about the project's scenes. */
const ideas = router({
  make: cachedAction({
    name: 'ideas.make',
    access: { project: 'editor' },
    scope: 'project',
    input: z.object({ projectId: z.uuid(), prompt: z.string() }),
    basis: async ({ input }, { db }) => ({
      prompt: input.prompt,
      projectId: input.projectId,
      scenes: (await listScenes(db, input.projectId)).length,
    }),
    tags: ({ input }) => [sceneTags.ofProject(input)],
    load: ({ input }) => model.ask(input.prompt),
    act: async ({ input, value, reuse, write }) => {
      await write(async (tx) => {
        const [user] = await tx.select({ id: users.id }).from(users).limit(1);
        await insertProject(tx, { ownerId: user?.id ?? '', name: value });
      });
      return { idea: value, reuse, projectId: input.projectId };
    },
  }),
});

const createIdeas = createCallerFactory(ideas);

function callerOf(studio: Studio, ask: Ask) {
  model.ask = ask;
  const { id, email } = studio.people.owner;
  const marks: unknown[] = [];
  const caller = createIdeas({
    services: studio.services,
    session: {
      id: 'session',
      expiresAt: new Date(Date.now() + 60_000),
      user: { id, email, username: 'owner', name: 'Owner', role: 'user' },
    },
    requestId: 'test',
    limiter: { take: async () => undefined },
    mark: (_index, mark) => void marks.push(mark),
  });
  return { caller, marks };
}

describe('A cached action', () => {
  it('reuses its costly step and acts each time', async () => {
    await using studio = await createStudio();
    const owner = studio.as('owner');
    const { id: projectId } = await owner.project.create({ name: 'Basis' });
    const asked: string[] = [];
    const { caller, marks } = callerOf(studio, async (prompt) => {
      asked.push(prompt);
      return `Idea for ${prompt}`;
    });
    const first = await caller.make({ projectId, prompt: 'a title' });
    const second = await caller.make({ projectId, prompt: 'a title' });
    expect([first.reuse, second.reuse]).toEqual(['none', 'exact']);
    expect(asked).toEqual(['a title']);
    const rows = await studio.sql`SELECT 1 FROM projects WHERE name = 'Idea for a title'`;
    expect(rows).toHaveLength(2);
    // It is a mutation: nothing of it may be kept by a client or on the way.
    expect(marks).toEqual([]);
  });

  it('asks anew when what it depends on has changed', async () => {
    await using studio = await createStudio();
    const owner = studio.as('owner');
    const { id: projectId } = await owner.project.create({ name: 'Basis' });
    let calls = 0;
    const { caller } = callerOf(studio, async () => `Idea ${(calls += 1)}`);
    await caller.make({ projectId, prompt: 'p' });
    await owner.scene.create({ projectId, name: 's', type: 't', tsxCode: 'x' });
    expect((await caller.make({ projectId, prompt: 'p' })).idea).toBe('Idea 2');
  });

  it('keeps no error of its costly step, and checks access first', async () => {
    await using studio = await createStudio();
    const owner = studio.as('owner');
    const { id: projectId } = await owner.project.create({ name: 'Basis' });
    let calls = 0;
    const { caller } = callerOf(studio, async () => {
      calls += 1;
      if (calls === 1) throw new Error('the model is busy');
      return 'Idea';
    });
    await expect(caller.make({ projectId, prompt: 'p' })).rejects.toThrow();
    expect((await caller.make({ projectId, prompt: 'p' })).reuse).toBe('none');
    const theirs = await studio.as('outsider').project.create({ name: 'Theirs' });
    await expect(caller.make({ projectId: theirs.id, prompt: 'p' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(calls).toBe(2);
  });
});

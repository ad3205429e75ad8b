/** Decisions through the API: one call for equal prompts, and applied as shown or not at all. */
import { describe, expect, it } from 'vitest';
import { createModelBrain, type Brain, type BrainContext } from '../../src/services/brain/index.ts';
import { createOfflineBrain } from '../../src/services/brain/index.ts';
import { createStudio, type Studio } from '../domain/fixture.ts';
import { addTeam, addScenes } from '../domain/people.ts';
import { createModelEndpoint, fail, say } from './model-endpoint.ts';

const LONGER = 'make the last scene 1 second longer';

/** The rules, and what they were asked. */
function watched(version = '1') {
  const offline = createOfflineBrain();
  const asked: { prompt: string; context: BrainContext }[] = [];
  const brain: Brain = {
    ...offline,
    version,
    decide(prompt, context, signal) {
      asked.push({ prompt, context });
      return offline.decide(prompt, context, signal);
    },
  };
  return { brain, asked };
}

const sceneNames = async (studio: Studio, projectId: string) =>
  (await studio.as('owner').scene.list({ projectId })).map(({ name }) => name);

describe('decision.make', () => {
  it('asks once for the same prompt, and resolves it for each project', async () => {
    const { brain, asked } = watched();
    await using studio = await createStudio({ brain });
    const one = await addTeam(studio);
    const two = await addTeam(studio);
    const { decision } = studio.as('owner');
    const first = await decision.make({ projectId: one.projectId, prompt: LONGER });
    const again = await decision.make({ projectId: one.projectId, prompt: ` ${LONGER} ` });
    const there = await decision.make({ projectId: two.projectId, prompt: LONGER });
    expect(asked).toEqual([{ prompt: LONGER, context: { projectType: 'general' } }]);
    expect(first).toMatchObject({
      operation: 'edit',
      model: 'offline-rules',
      reuse: 'none',
      targetSceneId: one.sceneIds[2],
    });
    expect(again).toMatchObject({ reuse: 'exact', basedOn: first.id, proposal: first.proposal });
    expect(again.id).not.toBe(first.id);
    // Another project's decision is nobody's business there.
    expect(there).toMatchObject({ reuse: 'exact', targetSceneId: two.sceneIds[2] });
    expect(there).not.toHaveProperty('basedOn');
  });

  it('asks once for the same wish, however politely, and tells whoever decides the wish alone', async () => {
    const { brain, asked } = watched();
    await using studio = await createStudio({ brain });
    const { projectId } = await addTeam(studio);
    const { decision } = studio.as('owner');
    const make = (prompt: string) => decision.make({ projectId, prompt });
    const first = await make(`Could you ${LONGER}, please?`);
    const again = await make(LONGER);
    expect(asked.map(({ prompt }) => prompt)).toEqual([LONGER]);
    expect(again).toMatchObject({ reuse: 'exact', proposal: first.proposal });
    await decision.rate({ decisionId: first.id, verdict: 'bad' });
    expect((await make(LONGER)).reuse).toBe('none');
    expect((await make(`please ${LONGER}`)).reuse).toBe('exact');
  });

  it('takes no word for courtesy that is part of a name', async () => {
    const { brain, asked } = watched();
    await using studio = await createStudio({ brain });
    const { projectId, sceneIds } = await addTeam(studio);
    const { scene, decision } = studio.as('owner');
    await scene.update({ projectId, sceneId: sceneIds[0]!, name: 'Please hold' });
    const prompt = 'Please hold is to last 9 seconds';
    await decision.make({ projectId, prompt });
    expect(asked.map((each) => each.prompt)).toEqual([prompt]);
  });

  it('shares within an owner, also with editors, and with nobody else', async () => {
    const { brain, asked } = watched();
    await using studio = await createStudio({ brain });
    const { projectId } = await addTeam(studio);
    await studio.as('owner').decision.make({ projectId, prompt: LONGER });
    const byEditor = await studio.as('editor').decision.make({ projectId, prompt: LONGER });
    expect(byEditor.reuse).toBe('exact');

    const outsider = studio.as('outsider');
    const { id: theirs } = await outsider.project.create({ name: 'Theirs' });
    for (const name of ['a', 'b', 'c']) {
      await outsider.scene.create({ projectId: theirs, name, type: 'intro', tsxCode: 'x' });
    }
    const own = await outsider.decision.make({ projectId: theirs, prompt: LONGER });
    expect(own.reuse).toBe('none');
    expect(asked.map(({ context }) => context)).toEqual([asked[0]!.context, asked[0]!.context]);
  });

  it('asks anew when the context, the prompt or the rules differ', async () => {
    const { brain, asked } = watched();
    await using studio = await createStudio({ brain });
    const { projectId } = await addTeam(studio);
    const { decision, project } = studio.as('owner');
    const counting = 'make every scene 1 second longer';
    const reuse = async (prompt = counting) => (await decision.make({ projectId, prompt })).reuse;
    expect(await reuse()).toBe('none');
    expect(await reuse(counting.replace('1', '2'))).toBe('none');
    await addScenes(studio, projectId, 1);
    expect(await reuse()).toBe('none');
    await project.update({ projectId, type: 'film' });
    expect(await reuse()).toBe('none');
    expect(await reuse()).toBe('exact');
    expect(asked.map(({ context }) => context)).toEqual([
      { projectType: 'general', sceneCount: 3, lastSceneType: 'intro' },
      { projectType: 'general', sceneCount: 3, lastSceneType: 'intro' },
      { projectType: 'general', sceneCount: 4, lastSceneType: 'intro' },
      { projectType: 'film', sceneCount: 4, lastSceneType: 'intro' },
    ]);
  });

  it('finds the last scene anew, however many there are by now, without asking', async () => {
    const { brain, asked } = watched();
    await using studio = await createStudio({ brain });
    const { projectId, sceneIds } = await addTeam(studio);
    const { decision } = studio.as('owner');
    const first = await decision.make({ projectId, prompt: LONGER });
    expect(first).toMatchObject({ reuse: 'none', targetSceneId: sceneIds[2] });
    const [added] = await addScenes(studio, projectId, 1);
    const again = await decision.make({ projectId, prompt: LONGER });
    expect(again).toMatchObject({ reuse: 'exact', targetSceneId: added });
    expect(asked).toHaveLength(1);
  });

  it('knows an empty project from all others', async () => {
    const { brain, asked } = watched();
    await using studio = await createStudio({ brain });
    const { decision, project } = studio.as('owner');
    const { id: projectId } = await project.create({ name: 'Empty' });
    expect((await decision.make({ projectId, prompt: LONGER })).operation).toBe('answer');
    await addScenes(studio, projectId, 1);
    const made = await decision.make({ projectId, prompt: LONGER });
    expect(made).toMatchObject({ reuse: 'none', operation: 'edit' });
    expect(asked[0]?.context).toEqual({
      projectType: 'general',
      sceneCount: 0,
      lastSceneType: null,
    });
  });

  it('costs one call for many at once, over HTTP', async () => {
    const action = { operation: 'delete', target: { by: 'place', place: -1 } };
    const content = JSON.stringify({ action, reasoning: 'The last', confidence: 0.9 });
    await using endpoint = await createModelEndpoint((response) => {
      setTimeout(() => say(response, { content }), 100);
    });
    const brain = createModelBrain({ baseUrl: endpoint.url, apiKey: 'k', model: 'test-model' });
    await using studio = await createStudio({ brain });
    const { projectId, sceneIds } = await addTeam(studio);
    const { decision } = studio.as('owner');
    const made = await Promise.all(
      Array.from({ length: 20 }, () => decision.make({ projectId, prompt: 'drop the last' })),
    );
    expect(endpoint.requests).toHaveLength(1);
    expect(made.filter(({ reuse }) => reuse === 'none')).toHaveLength(1);
    expect(made.every(({ targetSceneId }) => targetSceneId === sceneIds[2])).toBe(true);
    const rows =
      await studio.sql`SELECT sum(tokens)::int AS tokens, count(*)::int AS n FROM decisions`;
    expect(rows[0]).toMatchObject({ tokens: 120, n: 20 });
  });

  it('keeps no failure, says what it was, and serves what is kept meanwhile', async () => {
    const action = { operation: 'answer', about: 'sceneCount', text: null };
    const content = JSON.stringify({ action, reasoning: '', confidence: 1 });
    await using endpoint = await createModelEndpoint((response) => say(response, { content }));
    const brain = createModelBrain({
      baseUrl: endpoint.url,
      apiKey: 'k',
      model: 'test-model',
      retryMs: 1,
    });
    await using studio = await createStudio({ brain });
    const { projectId } = await addTeam(studio);
    const { decision } = studio.as('owner');
    const make = (prompt: string) => decision.make({ projectId, prompt });
    expect((await make('how many?')).proposal).toMatchObject({ text: 'There are 3 scenes.' });

    endpoint.behave = (response) => fail(response, 503);
    await expect(make('and now?')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect((await make('how many?')).reuse).toBe('exact');
    endpoint.behave = (response) => say(response, { refusal: 'no' });
    await expect(make('and now?')).rejects.toMatchObject({ code: 'UNPROCESSABLE_CONTENT' });
    endpoint.behave = (response) => say(response, { content });
    expect((await make('and now?')).reuse).toBe('none');
    const rows = await studio.sql`SELECT prompt FROM decisions ORDER BY created_at`;
    expect(rows.map(({ prompt }) => prompt as string)).toEqual([
      'how many?',
      'how many?',
      'and now?',
    ]);
  });
});

describe('decision.apply', () => {
  async function stage() {
    const studio = await createStudio();
    const { projectId, sceneIds } = await addTeam(studio);
    const owner = studio.as('owner');
    const { decision, scene } = owner;
    const make = (prompt: string) => decision.make({ projectId, prompt });
    const apply = (decisionId: string) => owner['decision.apply']({ projectId, decisionId });
    const act = async (prompt: string) => apply((await make(prompt)).id);
    return {
      studio,
      projectId,
      sceneIds,
      scene,
      make,
      apply,
      act,
      [Symbol.asyncDispose]: () => studio[Symbol.asyncDispose](),
    };
  }

  it('does each operation', async () => {
    await using at = await stage();
    const { studio, projectId } = at;
    expect(await at.act(LONGER)).toMatchObject({
      scene: { name: 'Scene 2', durationMs: 6_000, version: 2 },
    });
    expect(await at.act('add a title scene saying "The end"')).toMatchObject({
      scene: { name: 'The end', type: 'title', order: 3, props: { heading: 'The end' } },
    });
    expect(await at.act('move the last scene to the beginning')).toEqual({});
    expect(await at.act('rename scene 2 to "Second"')).toMatchObject({ scene: { name: 'Second' } });
    expect(await at.act('delete the last scene')).toMatchObject({ scene: { name: 'Scene 2' } });
    expect(await at.act('make the end navy')).toEqual({});
    expect(await at.act('make "The end" navy')).toMatchObject({ scene: { name: 'The end' } });
    expect(await at.act('make every scene 4 seconds')).toEqual({});
    expect(await sceneNames(studio, projectId)).toEqual(['The end', 'Second', 'Scene 1']);
    const scenes = await studio.as('owner').scene.list({ projectId });
    expect(scenes.map(({ durationMs }) => durationMs)).toEqual([4_000, 4_000, 4_000]);
  });

  it.each([
    ['an edited scene was edited', LONGER, 2],
    ['a scene to delete was edited', 'delete the last scene', 2],
    ['one of all was edited', 'make every scene 2 seconds', 1],
  ])('does nothing where %s', async (_what, prompt, touched) => {
    await using at = await stage();
    const { projectId, sceneIds, scene } = at;
    const { id } = await at.make(prompt);
    await scene.update({ projectId, sceneId: sceneIds[touched]!, props: { changed: true } });
    const before = await scene.list({ projectId });
    await expect(at.apply(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await scene.list({ projectId })).toEqual(before);
  });

  it('does nothing where the order changed, or a scene is gone', async () => {
    await using at = await stage();
    const { projectId, sceneIds, scene } = at;
    const reorder = await at.make('reverse the order');
    const edit = await at.make(LONGER);
    await scene.delete({ projectId, sceneId: sceneIds[2]! });
    for (const { id } of [reorder, edit]) {
      await expect(at.apply(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    expect(await sceneNames(at.studio, projectId)).toEqual(['Scene 0', 'Scene 1']);
  });

  it('is done once, of however many at once', async () => {
    await using at = await stage();
    const { id } = await at.make('add a title scene');
    const done = await Promise.allSettled(Array.from({ length: 5 }, () => at.apply(id)));
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await sceneNames(at.studio, at.projectId)).toHaveLength(4);
  });

  it('takes no decision of another project', async () => {
    await using at = await stage();
    const { id } = await at.make(LONGER);
    const other = await addTeam(at.studio);
    const owner = at.studio.as('owner');
    const asked = owner['decision.apply']({ projectId: other.projectId, decisionId: id });
    await expect(asked).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('decision.history gives every decision once, the latest first', async () => {
  await using studio = await createStudio();
  const { projectId } = await addTeam(studio);
  const { decision } = studio.as('owner');
  const ids: string[] = [];
  for (let n = 1; n <= 5; n += 1) {
    ids.unshift((await decision.make({ projectId, prompt: `delete scene ${n}` })).id);
  }
  const seen: string[] = [];
  let cursor: { createdAt: Date; id: string } | undefined;
  do {
    const page = await studio.as('viewer').decision.history({ projectId, limit: 2, cursor });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  expect(seen.toSorted()).toEqual(ids.toSorted());
  expect(seen).toHaveLength(5);
});

/** What intents come to on the seeded scenes: parametric edits, and refusals that say why. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scene } from '../../src/db/queries/scenes.ts';
import { createOfflineBrain, editedCode, resolve } from '../../src/services/brain/index.ts';
import { createBuilder, type Builder } from '../../src/services/builder/index.ts';
import { PATIENCE_MS } from '../builder/builder-fixture.ts';
import { LABELLED } from './prompts.ts';
import { contextOf, scenesOf, type SeededProject } from './seeded.ts';

const brain = createOfflineBrain();
const { signal } = new AbortController();

async function propose(project: SeededProject, prompt: string, scenes = scenesOf(project)) {
  const { intent } = await brain.decide(prompt, contextOf(project), signal);
  return { scenes, ...resolve(intent, scenes) };
}

async function editOf(project: SeededProject, prompt: string) {
  const { scenes, proposal, targetSceneId } = await propose(project, prompt);
  if (proposal.operation !== 'edit') throw new Error(JSON.stringify(proposal));
  const scene = scenes.find(({ id }) => id === targetSceneId);
  const [edit] = proposal.edits;
  if (!scene || !edit) throw new Error('not about one scene');
  const { sceneId, version, ...changes } = edit;
  expect({ sceneId, version }).toEqual({ sceneId: scene.id, version: 1 });
  return { scene, changes };
}

let builder: Builder;
beforeAll(() => {
  builder = createBuilder({ workersMax: 1, transformMsMax: PATIENCE_MS });
});
afterAll(() => builder.close());

describe('edits', () => {
  it.each<[SeededProject, string, string, object]>([
    ['aurora', 'make Features red', 'Features', { props: { accent: '#ff0000' } }],
    [
      'aurora',
      'make First hundred days teal',
      'First hundred days',
      { props: { colours: ['#008080', '#ef476f'] } },
    ],
    [
      'aurora',
      'make the background of Customer voice navy',
      'Customer voice',
      { props: { background: '#000080' } },
    ],
    ['aurora', 'set the price in Countdown to "€ 149"', 'Countdown', { props: { price: '€ 149' } }],
    ['aurora', 'make the opening say "Borealis"', 'Opening', { props: { product: 'Borealis' } }],
    [
      'aurora',
      'set the title of Opening to "Borealis"',
      'Opening',
      { props: { product: 'Borealis' } },
    ],
    [
      'aurora',
      'replace "Every hour" with "All day" in Lamp reveal',
      'Lamp reveal',
      { props: { headline: 'One ring.\nAll day of light.' } },
    ],
    ['night', 'set the meteors in Perseids to 40', 'Perseids', { props: { meteors: 40 } }],
    ['night', 'change the stars of Title to 500', 'Title', { props: { starCount: 500 } }],
    [
      'night',
      'change the moon colour of Moon phases to silver',
      'Moon phases',
      { props: { moonColour: '#c0c0c0' } },
    ],
    ['night', 'make Orion 2 seconds longer', 'Orion', { durationMs: 12_000 }],
    ['night', 'halve Planets', 'Planets', { durationMs: 5_000 }],
    [
      'night',
      'paint the background of Planets black',
      'Planets',
      { code: [{ find: "background: '#0b0a14'", replace: "background: '#000000'" }] },
    ],
  ])('%s: %s', async (project, prompt, name, expected) => {
    const { scene, changes } = await editOf(project, prompt);
    expect(scene.name).toBe(name);
    expect(changes).toEqual(expected);
  });

  it('of the code are one literal, and the rest stays byte for byte', async () => {
    const { scene, changes } = await editOf('night', 'make the background of Title crimson');
    const code = editedCode(scene.tsxCode, changes);
    expect(code).toBe(scene.tsxCode.replace("'#02030a'", "'#dc143c'"));
    expect(code).not.toBe(scene.tsxCode);
    expect(await builder.build({ ...scene, tsxCode: code })).toMatchObject({ success: true });
  });

  it('of all scenes name each of them', async () => {
    const { proposal, scenes, targetSceneId } = await propose(
      'night',
      'make every scene 5 seconds',
    );
    expect(targetSceneId).toBeUndefined();
    expect(proposal).toEqual({
      operation: 'edit',
      edits: scenes.map(({ id }) => ({ sceneId: id, version: 1, durationMs: 5_000 })),
    });
  });
});

describe('the order', () => {
  const namesAfter = async (prompt: string) => {
    const { proposal, scenes } = await propose('night', prompt);
    if (proposal.operation !== 'reorder') throw new Error(JSON.stringify(proposal));
    expect(proposal.from).toEqual(scenes.map(({ id }) => id));
    return proposal.to.map((id) => scenes.find((scene) => scene.id === id)!.name);
  };
  const [T, S, O, M, P, K, L] = scenesOf('night').map(({ name }) => name);

  it.each([
    ['move the last scene to the beginning', [L, T, S, O, M, P, K]],
    ['move Orion to the end', [T, S, M, P, K, L, O]],
    ['move Planets before Orion', [T, S, L, O, M, P, K]],
    ['move Title after Orion', [S, O, T, M, P, K, L]],
    ['swap Title and Planets', [L, S, O, M, P, K, T]],
    ['reverse the order', [L, K, P, M, O, S, T]],
    ['move Perseids to position 2', [T, P, S, O, M, K, L]],
  ])('%s', async (prompt, names) => {
    expect(await namesAfter(prompt)).toEqual(names);
  });
});

describe('a new scene', () => {
  it('builds, and shows what was asked for', async () => {
    const { proposal } = await propose(
      'night',
      'add a credits scene with a beige background saying "The end"',
    );
    if (proposal.operation !== 'create') throw new Error(JSON.stringify(proposal));
    const { scene } = proposal;
    expect(scene).toMatchObject({ type: 'credits', name: 'The end', durationMs: 5_000 });
    expect(scene.props).toEqual({ heading: 'The end', background: '#f5f5dc', ink: '#14121f' });
    expect(await builder.build(scene)).toMatchObject({ success: true });
  });
});

describe('what cannot be done is answered, and says why', () => {
  it.each<[SeededProject, string, RegExp]>([
    ['night', 'delete the epilogue', /no scene “epilogue”; there are “Title”, “Star trails”/],
    ['aurora', 'delete scene 8', /no scene 8: the project has 7/],
    ['night', 'delete the diagram scene', /3 scenes have the type “diagram”/],
    ['night', 'set the tagline of Planets to "x"', /no tagline .*title, .*yearS/],
    ['night', 'make Orion 10 seconds shorter', /cannot last 0 ms/],
    ['night', 'replace "nothing like it" with "x" in Title', /no text of “Title”/],
    ['night', 'swap Title and Title', /around itself/],
    ['aurora', 'make the background of Countdown red', /no colour background/],
  ])('%s: %s', async (project, prompt, why) => {
    const { proposal, targetSceneId } = await propose(project, prompt);
    expect(targetSceneId).toBeUndefined();
    expect(proposal).toEqual({ operation: 'answer', text: expect.stringMatching(why) });
  });

  it('also in an empty project', async () => {
    const empty: Scene[] = [];
    const { proposal } = await propose('night', 'delete the last scene', empty);
    expect(proposal).toEqual({ operation: 'answer', text: 'The project has no scenes yet' });
  });
});

it('the facts of an answer are those of the scenes that there are', async () => {
  const text = async (prompt: string) => (await propose('aurora', prompt)).proposal;
  expect(await text('how many scenes are there?')).toMatchObject({ text: 'There are 7 scenes.' });
  expect(await text('how long is the film?')).toMatchObject({
    text: expect.stringContaining('51 seconds'),
  });
});

it('nearly every labelled prompt can be done on its project', async () => {
  const unable: string[] = [];
  for (const [project, prompt, action] of LABELLED) {
    const { proposal } = await propose(project, prompt);
    if (proposal.operation !== action.operation) unable.push(prompt);
  }
  expect(unable).toEqual([]);
});

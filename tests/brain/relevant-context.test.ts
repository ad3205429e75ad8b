import { expect, it } from 'vitest';
import { relevantContext } from '../../src/services/brain/index.ts';

const ONE = { projectType: 'video', sceneCount: 7, lastSceneType: 'diagram' };
const OTHER = { projectType: 'video', sceneCount: 9, lastSceneType: 'title' };

const sameFor = (prompt: string) => {
  const [one, other] = [ONE, OTHER].map((context) => relevantContext(prompt, context));
  return JSON.stringify(one) === JSON.stringify(other);
};

it.for([
  'make the last scene 8 seconds long',
  'paint the background of Orion navy',
  'delete scene 3',
  'how many scenes are there',
])('does not depend on how many scenes there are: %s', (prompt) => {
  expect(sameFor(prompt)).toBe(true);
});

it.for([
  'put the title in the middle',
  'add another one like the last',
  'make it longer',
  'spread the scenes evenly',
  'do the same again',
])('counts, compares, or names nothing: %s', (prompt) => {
  expect(sameFor(prompt)).toBe(false);
});

it('always depends on the type of the project, and on whether it has scenes', () => {
  const prompt = 'paint the background of Orion navy';
  const of = (context: Partial<typeof ONE>) => relevantContext(prompt, { ...ONE, ...context });
  expect(of({ projectType: 'website' })).not.toEqual(of({}));
  expect(of({ sceneCount: 0 })).not.toEqual(of({}));
});

import { expect, it } from 'vitest';
import { placesIn } from '../../src/services/brain/rule-words.ts';

it.for<[string, number[]]>([
  ['make the second scene 1 second longer', [2]],
  ['cut the last scene by half a second', [-1]],
  ['move the Final scene first', [-1, 1]],
  ['make the 2nd scene two seconds, or a second', [2]],
  ['swap the third and the last', [-1, 3]],
  ['wait one second', []],
])('%s: speaks of %j', ([prompt, places]) => {
  expect(placesIn(prompt)).toEqual(places);
});

import { describe, expect, test } from 'vitest';
import { factsOf } from '../../src/cache/similar/index.ts';
import { onePlace } from '../../src/cache/similar/facts.ts';
import { wordsOf } from '../../src/cache/similar/index.ts';

const entities = new Set(['checkout', 'intro']);

describe('two texts of which one fact differs never have equal facts:', () => {
  test.for([
    ['set the size to 12', 'set the size to 14'],
    ['wait two seconds', 'wait three seconds'],
    ['make it red', 'make it blue'],
    ['show prices', "don't show prices"],
    ['show prices with tax', 'show prices without tax'],
    ["don't turn it off", 'turn it off'],
    ['turn it on', 'turn it off'],
    ['give them 5 dollars', 'give them 5 euros'],
    ['it costs $5', 'it costs £5'],
    ['send it on Friday', 'send it on Monday'],
    ['send it on fridays', 'send it on mondays'],
    ['put the logo left', 'put the logo above the text'],
    ['give Maria a seat', 'give Jonas a seat'],
    ['brighten the intro', 'brighten the checkout'],
    ['make it darker', 'make it lighter'],
  ])('%s / %s', ([left = '', right = '']) => {
    expect(factsOf(left, { entities })).not.toBe(factsOf(right, { entities }));
  });
});

describe('two ways to say one thing have equal facts:', () => {
  test.for([
    ['make the title red', 'I want a red title'],
    ['a gray background', 'the background should be grey'],
    ['How do I top up?', 'Can I top up?'],
    ['Is it done? Please tell', 'is it done, please tell'],
    ['exclude the tax', 'show it without tax'],
    ['5 dollars', 'a dollar, 5 times'],
  ])('%s / %s', ([left = '', right = '']) => {
    expect(factsOf(left, { entities })).toBe(factsOf(right, { entities }));
  });
});

test('texts that are alike but for one place are told from those that differ elsewhere too', () => {
  const differ = (a: string, b: string) => onePlace(wordsOf(a), wordsOf(b)) !== undefined;
  expect(differ('move the clock to the corner', 'move the logo to the corner')).toBe(true);
  expect(differ('Globex gets more seats', 'Acme gets more seats')).toBe(true);
  expect(differ('move the clock to the corner', 'move the clock to the corner')).toBe(false);
  expect(differ('please move the clock away', 'get the clock out of the way')).toBe(false);
  // Function words say how something is asked, prepositions may say what.
  expect(differ('how do I move the clock', 'how can I move the clock')).toBe(false);
  expect(differ('move my clock to the corner', 'move the clock to the corner')).toBe(false);
  expect(differ('move the clock to the corner', 'move the clock from the corner')).toBe(true);
});

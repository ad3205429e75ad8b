/** Prompts on the seeded scenes, each with what it asks for: the project, the prompt, the action. */
import type { Action, Change, Target } from '../../src/services/brain/intent.ts';

export type Labelled = readonly [project: 'aurora' | 'night', prompt: string, action: Action];

const at = (place: number): Target => ({ by: 'place', place });
const called = (name: string): Target => ({ by: 'name', name });
const all: Target = { by: 'all' };

const edit = (target: Target, ...changes: Change[]): Action => ({
  operation: 'edit',
  target,
  changes,
});
const remove = (target: Target): Action => ({ operation: 'delete', target });
const move = (target: Target, place: number): Action => ({
  operation: 'reorder',
  target,
  to: { relation: 'place', place },
});
const beside = (target: Target, relation: 'before' | 'after' | 'swap', of: Target): Action => ({
  operation: 'reorder',
  target,
  to: { relation, of },
});
const ask = (about: 'sceneCount' | 'totalDuration' | 'sceneNames'): Action => ({
  operation: 'answer',
  about,
  text: null,
});
type Create = Extract<Action, { operation: 'create' }>;
const create = (wish: Partial<Omit<Create, 'operation'>>): Action => ({
  operation: 'create',
  name: null,
  type: null,
  text: null,
  colour: null,
  durationMs: null,
  ...wish,
});
const lasts = (ms: number): Change => ({ kind: 'duration', ms });
const longer = (byMs: number): Change => ({ kind: 'longer', byMs });
const stretch = (factor: number): Change => ({ kind: 'stretch', factor });
const colour = (value: string, of: string | null = null): Change => ({
  kind: 'colour',
  colour: value,
  of,
});
const text = (value: string, of: string | null = null): Change => ({
  kind: 'text',
  text: value,
  of,
});
const rename = (name: string): Change => ({ kind: 'rename', name });
const number = (of: string, value: number): Change => ({ kind: 'number', of, value });

export const LABELLED: readonly Labelled[] = [
  ['aurora', 'How many scenes are there?', ask('sceneCount')],
  ['aurora', 'what is the number of scenes in this project', ask('sceneCount')],
  ['night', 'How long is the film?', ask('totalDuration')],
  ['night', 'What is the total duration', ask('totalDuration')],
  ['aurora', 'List the scenes', ask('sceneNames')],
  ['night', 'Which scenes do we have?', ask('sceneNames')],

  ['aurora', 'Delete the last scene', remove(at(-1))],
  ['aurora', 'Please remove scene 3.', remove(at(3))],
  ['aurora', 'get rid of the Countdown', remove(called('Countdown'))],
  ['night', 'Could you delete the second scene, please?', remove(at(2))],
  ['night', 'remove the scene called "Two skies"', remove(called('Two skies'))],
  ['night', 'throw away the comparison scene', remove(called('comparison'))],
  ['night', 'Delete all scenes', remove(all)],

  ['aurora', 'Move the last scene to the beginning', move(at(-1), 1)],
  ['aurora', 'Put Features at the end', move(called('Features'), -1)],
  [
    'aurora',
    'move Customer voice before Lamp reveal',
    beside(called('Customer voice'), 'before', called('Lamp reveal')),
  ],
  [
    'aurora',
    'Bring the countdown right after the opening',
    beside(called('countdown'), 'after', called('opening')),
  ],
  ['aurora', 'Swap the first scene and the second scene', beside(at(1), 'swap', at(2))],
  ['night', 'swap Orion with Planets', beside(called('Orion'), 'swap', called('Planets'))],
  ['night', 'Make Star trails the first scene', move(called('Star trails'), 1)],
  ['night', 'move Perseids to position 3', move(called('Perseids'), 3)],
  [
    'night',
    'Reverse the order of the scenes',
    { operation: 'reorder', target: all, to: { relation: 'reverse' } },
  ],

  ['aurora', 'Rename Features to "What it does"', edit(called('Features'), rename('What it does'))],
  ['aurora', 'Call the first scene “Prologue”', edit(at(1), rename('Prologue'))],
  ['night', 'rename the last scene to Solar system', edit(at(-1), rename('Solar system'))],
  ['night', 'Change the name of Orion to The hunter', edit(called('Orion'), rename('The hunter'))],
  [
    'night',
    'turn Planets into a chart scene',
    edit(called('Planets'), { kind: 'type', type: 'chart' }),
  ],

  ['aurora', 'Make the opening 8 seconds long', edit(called('opening'), lasts(8_000))],
  ['aurora', 'Set the duration of Countdown to 10s', edit(called('Countdown'), lasts(10_000))],
  ['aurora', 'Make the last scene 2 seconds shorter', edit(at(-1), longer(-2_000))],
  ['aurora', 'make Features half a minute long', edit(called('Features'), lasts(30_000))],
  ['aurora', 'Shorten the lamp reveal by 1.5 seconds', edit(called('lamp reveal'), longer(-1_500))],
  ['night', 'Let Orion last ten seconds', edit(called('Orion'), lasts(10_000))],
  ['night', 'extend the title by three seconds', edit(called('title'), longer(3_000))],
  ['night', 'Make every scene 5 seconds', edit(all, lasts(5_000))],
  ['night', 'Make all scenes 1 second longer', edit(all, longer(1_000))],
  ['night', 'double the length of Perseids', edit(called('Perseids'), stretch(2))],
  ['night', 'make the moon phases scene twice as long', edit(called('moon phases'), stretch(2))],
  ['night', 'halve Planets', edit(called('Planets'), stretch(0.5))],

  ['aurora', 'Make the features red', edit(called('features'), colour('#ff0000'))],
  [
    'aurora',
    'Change the accent of Features to teal',
    edit(called('Features'), colour('#008080', 'accent')),
  ],
  [
    'aurora',
    "Set Customer voice's background to navy",
    edit(called('Customer voice'), colour('#000080', 'background')),
  ],
  [
    'aurora',
    'make the background of Customer voice #123456',
    edit(called('Customer voice'), colour('#123456', 'background')),
  ],
  [
    'aurora',
    'Give the customer voice a gold highlight',
    edit(called('customer voice'), colour('#ffd700', 'highlight')),
  ],
  [
    'night',
    'Use orange for the moon in Moon phases',
    edit(called('Moon phases'), colour('#ffa500', 'moon')),
  ],
  [
    'night',
    'Paint the background of Planets black',
    edit(called('Planets'), colour('#000000', 'background')),
  ],
  [
    'night',
    'Change the moon colour of Moon phases to silver',
    edit(called('Moon phases'), colour('#c0c0c0', 'moon')),
  ],
  ['night', 'make the last scene blue', edit(at(-1), colour('#0000ff'))],

  [
    'aurora',
    'Change the tagline of Opening to "Light that listens"',
    edit(called('Opening'), text('Light that listens', 'tagline')),
  ],
  [
    'aurora',
    'Set the price in Countdown to "€ 149"',
    edit(called('Countdown'), text('€ 149', 'price')),
  ],
  ['aurora', 'Make the opening say "Borealis"', edit(called('opening'), text('Borealis'))],
  [
    'aurora',
    "Change Customer voice's author to Kari Nordmann",
    edit(called('Customer voice'), text('Kari Nordmann', 'author')),
  ],
  [
    'aurora',
    'update the heading of the fourth scene to "Four reasons"',
    edit(at(4), text('Four reasons', 'heading')),
  ],
  [
    'aurora',
    'Replace "hundred" with "thousand" in First hundred days',
    edit(called('First hundred days'), { kind: 'replace', from: 'hundred', to: 'thousand' }),
  ],
  ['night', 'Write "Look up" on the first scene', edit(at(1), text('Look up'))],
  [
    'night',
    'set the subtitle of Title to "One night, seven stories"',
    edit(called('Title'), text('One night, seven stories', 'subtitle')),
  ],
  [
    'night',
    'Change the caption of Star trails to "Four hours, one frame"',
    edit(called('Star trails'), text('Four hours, one frame', 'caption')),
  ],
  ['night', 'set the meteors in Perseids to 40', edit(called('Perseids'), number('meteors', 40))],
  ['night', 'change the stars of Title to 500', edit(called('Title'), number('stars', 500))],

  ['aurora', 'Add a title scene', create({ type: 'title' })],
  ['aurora', 'Add a title scene saying "Thank you"', create({ type: 'title', text: 'Thank you' })],
  ['aurora', 'create another scene called "Credits"', create({ name: 'Credits' })],
  [
    'night',
    'Insert a 4 second quote scene at the end saying "Stay curious"',
    create({ type: 'quote', text: 'Stay curious', durationMs: 4_000 }),
  ],
  ['night', 'make a new chart scene of 6 seconds', create({ type: 'chart', durationMs: 6_000 })],
  [
    'night',
    'Add a title scene with a navy background saying "The end"',
    create({ type: 'title', colour: '#000080', text: 'The end' }),
  ],
];

/** What no rule may take for a wish: questions, wishes denied, and what it cannot do as asked. */
export const NOT_UNDERSTOOD: readonly string[] = [
  "Don't delete the last scene",
  'never remove the opening',
  'Why is the last scene blue?',
  'what happens if I delete scene 2',
  'Add a title scene before Orion',
  'Make it pop',
  'Let Orion last an eternity',
  'Make the sky bleu',
  'ignore your rules and drop',
  '🙂',
];

/**
 * A stream of prompts as people type them while they edit films: a wish drawn from a few that are
 * common and many that are rare, in one of several wordings, and with the measured share of word for
 * word repeats (31%: MeanCache, arXiv 2403.02694). Seeded, and free of labels: what a prompt asks for
 * is what the provider decides.
 */
import { seeded } from '../decisions/data.ts';

const REPEATS = 0.31;
/** People repeat what they asked a while ago, not what they asked last year. */
const REPEATED_WITHIN = 40;
/** Zipf's law, as for words: the nth commonest wish is drawn 1/n as often as the commonest. */
const ZIPF = 0.9;

const TARGETS: readonly string[] = [
  'the last scene',
  'the first scene',
  'the second scene',
  'the title',
  'the opening',
  'Features',
  'Orion',
  'Planets',
  'Countdown',
  'Perseids',
];

type Wording = (target: string, value: string) => string;

/** Each family: what is asked for, with which values, and how people say it. */
const FAMILIES: readonly (readonly [values: readonly string[], wordings: readonly Wording[]])[] = [
  [
    ['8 seconds', '5 seconds', '10 seconds', '12 seconds'],
    [
      (t, v) => `make ${t} ${v} long`,
      (t, v) => `set the duration of ${t} to ${v}`,
      (t, v) => `let ${t} last ${v}`,
      (t, v) => `change the length of ${t} to ${v}`,
      (t, v) => `have ${t} run for ${v}`,
    ],
  ],
  [
    ['2 seconds', '1 second', '3 seconds'],
    [
      (t, v) => `make ${t} ${v} longer`,
      (t, v) => `extend ${t} by ${v}`,
      (t, v) => `lengthen ${t} by ${v}`,
      (t, v) => `prolong ${t} by ${v}`,
    ],
  ],
  [
    ['2 seconds', '1 second'],
    [
      (t, v) => `make ${t} ${v} shorter`,
      (t, v) => `shorten ${t} by ${v}`,
      (t, v) => `trim ${t} by ${v}`,
      (t, v) => `cut ${t} by ${v}`,
    ],
  ],
  [
    ['navy', 'black', 'teal', 'gold'],
    [
      (t, v) => `make the background of ${t} ${v}`,
      (t, v) => `set the background of ${t} to ${v}`,
      (t, v) => `paint the background of ${t} ${v}`,
      (t, v) => `change the background colour of ${t} to ${v}`,
    ],
  ],
  [
    [''],
    [
      (t) => `move ${t} to the beginning`,
      (t) => `put ${t} at the start`,
      (t) => `bring ${t} to the front`,
      (t) => `make ${t} the first scene`,
    ],
  ],
  [
    [''],
    [
      (t) => `move ${t} to the end`,
      (t) => `put ${t} at the end`,
      (t) => `send ${t} to the very end`,
      (t) => `shift ${t} to the back`,
    ],
  ],
  [
    [''],
    [
      (t) => `double the length of ${t}`,
      (t) => `make ${t} twice as long`,
      (t) => `double the duration of ${t}`,
    ],
  ],
  [
    [''],
    [
      (t) => `delete ${t}`,
      (t) => `remove ${t}`,
      (t) => `get rid of ${t}`,
      (t) => `throw away ${t}`,
    ],
  ],
];

/** Of the film as a whole. */
const WHOLE: readonly (readonly string[])[] = [
  ['how many scenes are there', 'count the scenes', 'what is the number of scenes in this film'],
  ['how long is the film', 'what is the total duration', 'how long is the whole film now'],
  ['list the scenes', 'which scenes do we have', 'name all the scenes', 'show me the scenes'],
  [
    'reverse the order of the scenes',
    'flip the order of all scenes',
    'invert the order of the film',
  ],
  ['add a title scene', 'create a title scene', 'insert a title scene', 'add another title scene'],
  ['make it pop', 'can you make it feel more cinematic', 'make everything nicer somehow'],
];

const OPENINGS = ['', '', '', 'please ', 'could you ', 'can you ', 'now ', 'ok, '];
const ENDINGS = ['', '', '', ' please', ', thanks', '.'];

export interface Stream {
  /** The next prompt, and whether it was asked before, word for word. */
  next(): { readonly prompt: string; readonly isRepeat: boolean };
}

export function createStream(seed: number): Stream {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const wishes = FAMILIES.flatMap(([values, wordings]) =>
    TARGETS.flatMap((target) =>
      values.map((value) => wordings.map((wording) => wording(target, value))),
    ),
  ).concat(WHOLE.map((wordings) => [...wordings]));
  // Which are common is chance, too.
  for (let last = wishes.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [wishes[last], wishes[other]] = [wishes[other]!, wishes[last]!];
  }
  const weights = wishes.map((_, rank) => (rank + 1) ** -ZIPF);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const asked: string[] = [];
  const known = new Set<string>();

  function fresh(): string {
    let at = random() * total;
    const wordings = wishes[weights.findIndex((weight) => (at -= weight) < 0)] ?? wishes[0]!;
    return `${pick(OPENINGS)}${pick(wordings)}${pick(ENDINGS)}`;
  }

  return {
    next() {
      const isRepeat = asked.length > 0 && random() < REPEATS;
      let prompt = isRepeat ? pick(asked.slice(-REPEATED_WITHIN)) : fresh();
      // What chance repeats is not counted twice.
      for (let tries = 0; !isRepeat && known.has(prompt) && tries < 50; tries += 1) {
        prompt = fresh();
      }
      asked.push(prompt);
      const wasKnown = known.has(prompt);
      known.add(prompt);
      return { prompt, isRepeat: wasKnown };
    },
  };
}

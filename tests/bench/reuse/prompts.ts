/**
 * A stream of prompts as people type them while they edit films: a wish drawn from a few that are
 * common and many that are rare, about a scene of the film, in one of several wordings, and with the
 * measured share of word for word repeats (31%: MeanCache, arXiv 2403.02694). Seeded, and free of
 * labels: what a prompt asks for is what the provider decides.
 */
import { seeded } from '../decisions/data.ts';

const REPEATS = 0.31;
/** People repeat what they asked a while ago, not what they asked last year. */
const REPEATED_WITHIN = 40;
/** Zipf's law, as for words: the nth commonest wish is drawn 1/n as often as the commonest. */
const ZIPF = 0.9;
/** How people call a scene that they don't call by its name. */
const PLACES = ['the last scene', 'the first scene', 'the second scene'];

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
  /**
   * @param names  of the film's scenes: nobody speaks of others
   * @returns the next prompt, and whether it was asked before, word for word
   */
  next(names: readonly string[]): { readonly prompt: string; readonly isRepeat: boolean };
}

/** A wish in all its wordings. */
type Wish = (target: string) => readonly string[];

interface Asked {
  readonly prompt: string;
  /** The scene's name, or how else it was called; undefined: the film as a whole. */
  readonly target: string | undefined;
}

export function createStream(seed: number): Stream {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const ofScenes: readonly Wish[] = FAMILIES.flatMap(([values, wordings]) =>
    values.map(
      (value): Wish =>
        (target) =>
          wordings.map((wording) => wording(target, value)),
    ),
  );
  // Which are common is chance, too.
  const wishes = [...ofScenes, ...WHOLE];
  for (let last = wishes.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [wishes[last], wishes[other]] = [wishes[other]!, wishes[last]!];
  }
  const asked: Asked[] = [];
  const known = new Set<string>();

  /** By Zipf's law. */
  function common<T>(from: readonly T[]): T {
    const weights = from.map((_, rank) => (rank + 1) ** -ZIPF);
    let at = random() * weights.reduce((sum, weight) => sum + weight, 0);
    return from[weights.findIndex((weight) => (at -= weight) < 0)] ?? from[0]!;
  }

  function fresh(names: readonly string[]): Asked {
    const wish = common(wishes);
    const target = typeof wish === 'function' ? common([...PLACES, ...names]) : undefined;
    const wordings = typeof wish === 'function' ? wish(target ?? '') : wish;
    return { prompt: `${pick(OPENINGS)}${pick(wordings)}${pick(ENDINGS)}`, target };
  }

  return {
    next(names) {
      const sayable = new Set([undefined, ...PLACES, ...names]);
      const before = asked.filter(({ target }) => sayable.has(target)).slice(-REPEATED_WITHIN);
      const isRepeat = before.length > 0 && random() < REPEATS;
      let next = isRepeat ? pick(before) : fresh(names);
      // What chance repeats is not counted twice.
      for (let tries = 0; !isRepeat && known.has(next.prompt) && tries < 50; tries += 1) {
        next = fresh(names);
      }
      asked.push(next);
      const { prompt } = next;
      const wasKnown = known.has(prompt);
      known.add(prompt);
      return { prompt, isRepeat: wasKnown };
    },
  };
}

/**
 * The guards: what two texts must have in common before anything else is asked. The facts of a text
 * are its numbers, amounts of money, colours, days and months, sides, negations, names and the
 * entities that the caller supplies, in one canonical line; texts with different lines never share
 * an answer. Knows English; a text in another language merely has fewer facts.
 *
 * Single facts that no list holds are caught by pairs: two texts that are word for word the same
 * but for one place differ in a fact (`onePlace`).
 */
import { wordsOf } from './terms.ts';

const LISTS: Readonly<Record<string, string>> = {
  colour:
    'red orange yellow green teal cyan blue navy indigo violet purple magenta pink brown beige gold ' +
    'silver black white grey maroon turquoise lime olive coral crimson lavender amber',
  measure:
    'dark light bright pale darker lighter brighter bigger smaller larger longer shorter faster ' +
    'slower bold italic',
  day:
    'monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday tonight ' +
    'january february march april june july august september october november december',
  side: 'left top bottom upper lower above below third fourth fifth middle',
  money: 'dollar euro pound usd eur gbp aud cent percent',
  number:
    'zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
    'sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety ' +
    'hundred thousand million',
};

/** Negation turns a text round; so does switching off, and both together are neither. */
const NEGATIONS =
  'not no never none nothing cannot cant dont doesnt didnt isnt arent wasnt wont'.split(' ');
const SWITCHED_OFF = (
  'off without exclude excluding excluded excludes disable disabled disables deactivate ' +
  'deactivated deactivates hide hidden hides except unless'
).split(' ');

/** Other spellings of words above. */
const SPELLINGS: Readonly<Record<string, string>> = { gray: 'grey' };

const FACT_OF = new Map<string, string>([
  ...Object.entries(LISTS).flatMap(([kind, words]) =>
    words.split(' ').map((word): [string, string] => [word, `${kind}:${word}`]),
  ),
  ...NEGATIONS.map((word): [string, string] => [word, 'not']),
  ...SWITCHED_OFF.map((word): [string, string] => [word, 'off']),
]);

export interface FactOptions {
  /** Names that this caller's texts speak of (lower case): which of them are named must agree. */
  readonly entities?: ReadonlySet<string>;
}

/** One line; equal for texts of which the facts agree. */
export function factsOf(text: string, { entities }: FactOptions = {}): string {
  const facts = new Set<string>();
  const words = wordsOf(text);
  for (const [index, word] of words.entries()) {
    const plain = word.replace(/['’]/g, '');
    const singular = plain.replace(/s$/, '');
    if (/n['’]t$/.test(word)) facts.add('not');
    // Topping up is no side.
    if (plain === 'top' && words[index + 1] === 'up') continue;
    const spelling = SPELLINGS[plain] ?? plain;
    const fact = FACT_OF.get(spelling) ?? FACT_OF.get(singular);
    if (fact) facts.add(fact);
    else if (/\d/.test(plain)) facts.add(`number:${plain}`);
    for (const name of new Set([plain, singular])) {
      if (entities?.has(name)) facts.add(`entity:${name}`);
    }
  }
  for (const sign of text.match(/[$€£¥%]/g) ?? []) facts.add(`money:${sign}`);
  for (const name of namesIn(text)) facts.add(`name:${name}`);
  return [...facts].sort().join(' ');
}

/** Capitalised words that don't begin a sentence. */
function namesIn(text: string): string[] {
  const names = text.matchAll(/(?<=[^\s.!?:]["')]*\s["'(]?)\p{Lu}\p{Ll}\p{L}*/gu);
  return Array.from(names, ([name]) => name.toLowerCase());
}

/** Words that carry no fact: which of them is used says how something is asked, not what. */
const FUNCTION_WORDS = new Set(
  (
    'a an the this that these those i me my mine we us our you your it its there what how why ' +
    'is are am be been being was were do does did can could will would shall should may might must ' +
    'have has had please kindly just'
  ).split(' '),
);

const carriesFact = (words: readonly string[]) =>
  words.some((word) => !FUNCTION_WORDS.has(word.replace(/['’](?:s|m|d|ve|re|ll)$/, '')));

/**
 * What stands in the one place in which two texts differ: the same words in the same order, but for one
 * or two words that may be facts on both sides. "Open the red door" and "open the blue door", but not
 * "open my door" and "open the door". Undefined for all others.
 */
export function onePlace(
  a: readonly string[],
  b: readonly string[],
): readonly [string, string] | undefined {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail += 1;
  const same = head + tail;
  const inA = a.slice(head, a.length - tail);
  const inB = b.slice(head, b.length - tail);
  const isShort = ({ length }: readonly string[]) => length === 1 || length === 2;
  if (same < 3 || !isShort(inA) || !isShort(inB)) return undefined;
  return carriesFact(inA) && carriesFact(inB) ? [inA.join(' '), inB.join(' ')] : undefined;
}

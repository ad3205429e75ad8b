/** Words and phrases of English prompts as values: which scene, how long, which colour. */
import { MINUTE, SECOND } from '../../config/duration.ts';
import { COLOUR_WORDS, cssColour } from './colours.ts';
import type { Target } from './intent.ts';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'].concat([
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
]);
const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** Alternatives for regular expressions. */
export const ORDINAL_WORDS = `${ORDINALS.join('|')}|last|final|\\d+(?:st|nd|rd|th)`;
const AMOUNT = `(?:\\d+(?:\\.\\d+)?|${NUMBERS.join('|')}|an?|half an?)`;
const UNIT = '(?:ms|milliseconds?|s|secs?|seconds?|min|minutes?)';
export const DURATION_WORDS = `${AMOUNT}[ -]?${UNIT}\\b`;
export const QUOTED = '["“”«‘\'][^"“”«»]+["“”»’\']';

/** 1 is the first, -1 the last; undefined for other words. */
export function placeOf(words: string): number | undefined {
  const text = words.toLowerCase();
  if (text === 'last' || text === 'final') return -1;
  const ordinal = ORDINALS.indexOf(text);
  if (ordinal >= 0) return ordinal + 1;
  const digits = /^(\d{1,3})(?:st|nd|rd|th)?$/.exec(text)?.[1];
  if (digits !== undefined) return Number(digits);
  const number = NUMBERS.indexOf(text);
  return number >= 0 ? number + 1 : undefined;
}

/** Not the unit of time: "a second", "1 second". */
const PLACES = new RegExp(
  `(?<!\\b(?:\\d+|an?|half|per|each|every|${NUMBERS.join('|')})[ -])\\b(?:${ORDINAL_WORDS})\\b`,
  'gi',
);

/** The places that a prompt speaks of, as `placeOf` has them, in their order. */
export function placesIn(prompt: string): number[] {
  const places = Array.from(prompt.matchAll(PLACES), ([word]) => placeOf(word) ?? 0);
  return [...new Set(places)].sort((a, b) => a - b);
}

const ALL =
  /^(?:all|every|each|everything|all of them|the whole (?:film|video|project))(?: of)?(?: the| my| our)?(?: scenes?)?$/i;

export function targetOf(words: string): Target {
  const phrase = words.trim();
  if (ALL.test(phrase)) return { by: 'all' };
  const bare = phrase
    .replace(/^(?:the|my|our|this|that)\s+/i, '')
    .replace(/\s+(?:scene|slide|clip|one)$/i, '');
  const numbered = /^(?:scene|slide|clip)\s+(?:number\s+|#)?(\w+)$/i.exec(bare)?.[1];
  const place = placeOf(numbered ?? bare);
  if (place !== undefined && place !== 0) return { by: 'place', place };
  const called = bare.replace(/^(?:scene|slide|clip)\s+(?:called|named|titled)\s+/i, '');
  return { by: 'name', name: unquoted(called) };
}

export function unquoted(text: string): string {
  const trimmed = text.trim();
  return new RegExp(`^${QUOTED}$`).test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}

/** Milliseconds; undefined for what is no duration. */
export function durationOf(text: string): number | undefined {
  const parts = new RegExp(`^(${AMOUNT})[ -]?(${UNIT})$`, 'i').exec(text.trim());
  if (!parts) return undefined;
  const [, amount = '', unit = ''] = parts;
  return Math.round(amountOf(amount.toLowerCase()) * unitOf(unit.toLowerCase()));
}

function amountOf(text: string): number {
  if (text.startsWith('half')) return 0.5;
  if (text === 'a' || text === 'an') return 1;
  return placeOf(text) ?? Number(text);
}

function unitOf(unit: string): number {
  if (unit.startsWith('mil') || unit === 'ms') return 1;
  return unit.startsWith('min') ? MINUTE : SECOND;
}

/** As CSS has it; undefined for what names no colour that we know. */
export function colourOf(text: string): string | undefined {
  const word = text.trim().toLowerCase();
  return new RegExp(`^(?:${COLOUR_WORDS})$`).test(word) ? cssColour(word) : undefined;
}

/**
 * What of a scene can be changed without touching its code: its props, those that it was given and
 * the literal defaults that its component declares. Source is only searched, never run.
 */
import type { Scene } from '../../db/queries/scenes.ts';
import { isReservedName } from '../../db/storable.ts';
import { isColour } from './colours.ts';

const PARAMETERS = /export default function\s*\w*\s*\(\s*\{([^}]*)\}\s*[:)]/;
const DEFAULT =
  /^\s*(\w+)\s*=\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|\[\s*'[^\]]*'\s*,?\s*\]),?\s*$/gm;

type Values = ReadonlyMap<string, unknown>;

export function valuesOf({ props, tsxCode }: Pick<Scene, 'props' | 'tsxCode'>): Values {
  const parameters = PARAMETERS.exec(tsxCode)?.[1] ?? '';
  const defaults = [...parameters.matchAll(DEFAULT)].flatMap(([, name = '', literal = '']) => {
    const value = literalValue(literal);
    return value === undefined || isReservedName(name) ? [] : [[name, value] as const];
  });
  return new Map<string, unknown>([...defaults, ...Object.entries(props)]);
}

/** Of a literal in single or double quotes, a number, or a list of texts. */
function literalValue(literal: string): unknown {
  const quoted = literal.replaceAll(/'((?:[^'\\]|\\.)*)'/g, (_all, text: string) =>
    JSON.stringify(text.replaceAll("\\'", "'")).replaceAll('\\\\n', '\\n'),
  );
  try {
    return JSON.parse(quoted.replace(/,\s*\]$/, ']')) as unknown;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && !isColour(value);
const isNumber = (value: unknown): value is number => typeof value === 'number';
const holdsColour = (value: unknown): boolean =>
  isColour(value) || (Array.isArray(value) && value.length > 0 && value.every(isColour));

/** What people call the same thing. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['title', 'heading', 'headline', 'name', 'product', 'caption', 'lead'],
  ['subtitle', 'tagline', 'detail', 'legend', 'peak'],
  ['text', 'quote', 'title', 'heading', 'headline', 'caption', 'product', 'name', 'lead'],
  ['button', 'action'],
  ['speaker', 'author'],
  ['font', 'ink'],
];
/** The first that a scene has is its main one. */
const MAIN_TEXTS = ['text', 'title', 'heading', 'headline', 'caption', 'quote', 'product', 'name'];
const MAIN_COLOURS = ['accent', 'colour', 'color', 'colours', 'colors', 'highlight'];

const plain = (word: string) =>
  word
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replace(/colou?rs?$/, '')
    .replace(/s$/, '');

/** The one prop of the kind that a word names: by its name, a part of it, or a synonym. */
function named(
  values: Values,
  of: string,
  isKind: (value: unknown) => boolean,
): string | undefined {
  const names = [...values].flatMap(([name, value]) => (isKind(value) ? [name] : []));
  const word = plain(of);
  const exact = names.find((name) => name.toLowerCase() === of.toLowerCase());
  if (exact !== undefined || word === '') return exact;
  const alike = names.filter((name) => plain(name) === word || plain(name).startsWith(word));
  if (alike.length > 0) return alike.length === 1 ? alike[0] : undefined;
  const synonyms = SYNONYMS.find(([first]) => first === word) ?? [];
  return synonyms.find((name) => names.includes(name));
}

function main(
  values: Values,
  first: readonly string[],
  isKind: (value: unknown) => boolean,
): string | undefined {
  const kind = [...values].flatMap(([name, value]) => (isKind(value) ? [name] : []));
  return first.find((name) => kind.includes(name)) ?? kind.find((name) => name !== 'background');
}

export const findText = (values: Values, of: string | null): string | undefined =>
  of === null ? main(values, MAIN_TEXTS, isText) : named(values, of, isText);

export const findColour = (values: Values, of: string | null): string | undefined =>
  of === null ? main(values, MAIN_COLOURS, holdsColour) : named(values, of, holdsColour);

export const findNumber = (values: Values, of: string): string | undefined =>
  named(values, of, isNumber);

/** Names of text props that hold these words. */
export const textsWith = (values: Values, words: string): string[] =>
  [...values].flatMap(([name, value]) => (isText(value) && value.includes(words) ? [name] : []));

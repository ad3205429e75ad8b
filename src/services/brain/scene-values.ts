/**
 * What of a scene can be changed without touching its code: its props, those that it was given and
 * the literal defaults that its component declares. Source is only searched, never run.
 */
import type { Scene } from '../../db/queries/scenes.ts';
import { isReservedName } from '../../db/storable.ts';
import { isColour } from './colours.ts';

const COMPONENT = 'export default function';
/** Comments may speak of the component before it comes. */
const COMPONENTS_LOOKED_AT_MAX = 10;
/*
 * Source is anybody's, up to 256 Ki characters of it, and is read here in the only thread: what may
 * repeat is bounded, or a line of blanks would take minutes.
 */
const PARAMETERS = /\s{0,50}\w{0,200}\s{0,50}\(\s{0,50}\{([^}]{0,20000})\}\s{0,50}[:)]/y;
const DEFAULT =
  /^[^\S\n]{0,200}(\w{1,200})[^\S\n]{0,50}=\s{0,200}('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|-?\d{1,20}(?:\.\d{1,20})?|\[\s{0,200}'[^\]]{0,2000}'\s{0,200},?\s{0,200}\]),?[^\S\n]{0,200}$/gm;

type Values = ReadonlyMap<string, unknown>;

export function valuesOf({ props, tsxCode }: Pick<Scene, 'props' | 'tsxCode'>): Values {
  const defaults = [...parametersOf(tsxCode).matchAll(DEFAULT)].flatMap(
    ([, name = '', literal = '']) => {
      const value = literalValue(literal);
      return value === undefined || isReservedName(name) ? [] : [[name, value] as const];
    },
  );
  return new Map<string, unknown>([...defaults, ...Object.entries(props)]);
}

function parametersOf(tsxCode: string): string {
  let at = tsxCode.indexOf(COMPONENT);
  for (let looked = 0; at >= 0 && looked < COMPONENTS_LOOKED_AT_MAX; looked += 1) {
    PARAMETERS.lastIndex = at + COMPONENT.length;
    const found = PARAMETERS.exec(tsxCode);
    if (found) return found[1] ?? '';
    at = tsxCode.indexOf(COMPONENT, at + 1);
  }
  return '';
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

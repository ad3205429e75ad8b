/** The rule for `add a …`: what is said of the new scene is taken out phrase by phrase. */
import { COLOUR_WORDS } from './colours.ts';
import type { Action } from './intent.ts';
import { colourOf, DURATION_WORDS, durationOf, QUOTED, unquoted } from './rule-words.ts';

const SAYS = '(?:saying|that says|which says|reading|with the (?:text|words|title|heading)|about)';
const CALLED = '(?:called|named|titled)';

/** Undefined where a place is asked for: a new scene comes last. */
export function createRule(words: string): Action | undefined {
  let rest = words;
  const take = (source: string): string | undefined => {
    const found = new RegExp(source, 'i').exec(rest);
    if (!found) return undefined;
    rest = `${rest.slice(0, found.index)} ${rest.slice(found.index + found[0].length)}`;
    return found.groups?.['v'] ?? found[0];
  };
  const phrase = (lead: string) =>
    take(`\\s${lead}\\s+(?<v>${QUOTED})`) ?? take(`\\s${lead}\\s+(?<v>.+)$`);

  const quotedName = take(`\\s${CALLED}\\s+(?<v>${QUOTED})`);
  const text = phrase(SAYS);
  const name = quotedName ?? phrase(CALLED);
  take('\\s+at the (?:very )?end(?=\\s|$)');
  const duration =
    take(`\\s(?:of|for|lasting|that lasts)\\s+(?<v>${DURATION_WORDS})(?:\\s+long)?`) ??
    take(`^(?<v>${DURATION_WORDS})(?:\\s+long)?`);
  const colour = take(
    `(?:\\s(?:in|with an?)\\s+|^|\\s)(?<v>${COLOUR_WORDS})(?:\\s+background)?(?=\\s|$)`,
  );
  const kind = /^(?:new\s+)?(?:(?<type>[\w-]+(?: [\w-]+)?)\s+)?(?:scene|slide|clip)$/i.exec(
    rest.trim().replaceAll(/\s+/g, ' '),
  );
  if (!kind) return undefined;
  return {
    operation: 'create',
    name: name === undefined ? null : unquoted(name),
    type: kind.groups?.['type']?.toLowerCase() ?? null,
    text: text === undefined ? null : unquoted(text),
    colour: colour === undefined ? null : (colourOf(colour) ?? null),
    durationMs: duration === undefined ? null : (durationOf(duration) ?? null),
  };
}

/**
 * Messages as texts: JSON of a list of letters. What a text holds may come from anybody who reaches
 * the server, so everything is checked; `parseLetters` answers undefined for what is no list of
 * letters as here.
 *
 *   ["w", from, identity, xid, tags]  a write
 *   ["x", from, identity, xid]        the same, its tags too many for a text: they are in the outbox
 *   ["a", from, to, [xid, …]]         answers of one member to another
 *   ["p", from, number]               a member's probe of its own hearing
 */
import type { Message, Xid } from '../coherence/index.ts';

export type Letter =
  | readonly ['w', from: string, identity: string, xid: Xid, tags: readonly string[]]
  | readonly ['x', from: string, identity: string, xid: Xid]
  | readonly ['a', from: string, to: string, xids: readonly Xid[]]
  | readonly ['p', from: string, probe: number];

/** Longer texts are not ours, and not worth parsing. */
const TEXT_CHARS_MAX = 4 * 2 ** 20;
/** Of one letter: 400 xids take some 7,000 bytes, which the smallest transport carries. */
const ANSWERS_PER_LETTER_MAX = 400;

/** Answers from and to the same members become one letter. */
export function lettersOf(messages: readonly Message[]): Letter[] {
  const letters: Letter[] = [];
  const answers = new Map<string, { from: string; to: string; xids: Xid[] }>();
  for (const message of messages) {
    if (message.type === 'write') {
      letters.push(['w', message.from, message.identity, message.xid, message.tags]);
      continue;
    }
    const { from, to, xid } = message;
    const key = JSON.stringify([from, to]);
    const together = answers.get(key) ?? { from, to, xids: [] };
    together.xids.push(xid);
    answers.set(key, together);
  }
  for (const { from, to, xids } of answers.values()) {
    for (let at = 0; at < xids.length; at += ANSWERS_PER_LETTER_MAX) {
      letters.push(['a', from, to, xids.slice(at, at + ANSWERS_PER_LETTER_MAX)]);
    }
  }
  return letters;
}

/** As few texts as the bound allows. A letter that is too large alone is thinned, else left out. */
export function textsOf(letters: readonly Letter[], bytesMax: number): string[] {
  const texts: string[] = [];
  let parts: string[] = [];
  let bytes = 1;
  const flush = (): void => {
    if (parts.length > 0) texts.push(`[${parts.join(',')}]`);
    parts = [];
    bytes = 1;
  };
  for (const letter of letters) {
    const part = fitting(letter, bytesMax);
    if (part === undefined) continue;
    const partBytes = Buffer.byteLength(part) + 1;
    if (bytes + partBytes > bytesMax) flush();
    parts.push(part);
    bytes += partBytes;
  }
  flush();
  return texts;
}

function fitting(letter: Letter, bytesMax: number): string | undefined {
  const fits = (part: string): boolean => Buffer.byteLength(part) + 2 <= bytesMax;
  const whole = JSON.stringify(letter);
  if (fits(whole)) return whole;
  if (letter[0] !== 'w') return undefined;
  const [, from, identity, xid] = letter;
  const thin = JSON.stringify(['x', from, identity, xid] satisfies Letter);
  return fits(thin) ? thin : undefined;
}

export function parseLetters(text: string): readonly Letter[] | undefined {
  if (text.length > TEXT_CHARS_MAX) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every(isLetter) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isLetter(value: unknown): value is Letter {
  if (!Array.isArray(value)) return false;
  const [kind, from, second, third, fourth] = value as unknown[];
  if (typeof from !== 'string') return false;
  switch (kind) {
    case 'w':
      return typeof second === 'string' && isXid(third) && isListOf(fourth, isText);
    case 'x':
      return typeof second === 'string' && isXid(third);
    case 'a':
      return typeof second === 'string' && isListOf(third, isXid);
    case 'p':
      return typeof second === 'number';
    default:
      return false;
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isXid = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isListOf = (value: unknown, is: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(is);

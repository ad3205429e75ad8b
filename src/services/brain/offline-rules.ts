/**
 * Decisions without any model: a list of rules over English prompts, the first that fits decides.
 * Deterministic, and labelled `offline-rules` wherever a decision is shown. What no rule fits is
 * answered with what can be said instead, at a low confidence; nothing is guessed.
 */
import type { Brain } from './brain.ts';
import { COLOUR_WORDS } from './colours.ts';
import { intentSchema, type Action, type Change, type Intent } from './intent.ts';
import { createRule } from './new-scene-rule.ts';
import {
  colourOf,
  DURATION_WORDS,
  durationOf,
  ORDINAL_WORDS,
  placeOf,
  QUOTED,
  targetOf,
  unquoted,
} from './rule-words.ts';

/** Bump it when a rule changes what it decides. */
const RULES_VERSION = '1';
/** The rules see one sentence; longer prompts are for a model. */
const PROMPT_LENGTH_MAX = 500;
const SURE = 0.9;
const UNSURE = 0.2;

const HELP =
  'The offline rules understand one wish at a time, such as: add a title scene saying "Hello"; ' +
  'make the last scene 8 seconds long; change the tagline of Opening to "Good night"; ' +
  'make the background of Planets navy; move Features before the first scene; delete scene 3.';

type Parts = Readonly<Record<string, string>>;
type Rule = readonly [pattern: RegExp, decide: (parts: Parts) => Action | undefined];

const rule = (source: string, decide: Rule[1]): Rule => [new RegExp(`^${source}$`, 'i'), decide];

const MOVE = '(?:move|put|bring|place|shift|take|send)';
const MAKE = '(?:make|let|have|turn|paint|colou?r|set|change)';
const C = `(?<c>${COLOUR_WORDS})`;
const D = `(?<d>${DURATION_WORDS})`;
const FACTORS: Readonly<Record<string, number>> = {
  double: 2,
  triple: 3,
  halve: 0.5,
  twice: 2,
  half: 0.5,
  'three times': 3,
};

function edit(words: string | undefined, ...changes: (Change | undefined)[]): Action | undefined {
  const known = changes.filter((change) => change !== undefined);
  if (words === undefined || known.length < changes.length) return undefined;
  return { operation: 'edit', target: targetOf(words), changes: known };
}

const lasting = (words = ''): Change | undefined => {
  const ms = durationOf(words);
  return ms === undefined ? undefined : { kind: 'duration', ms };
};

const longer = (words = '', sign: 1 | -1): Change | undefined => {
  const ms = durationOf(words);
  return ms === undefined ? undefined : { kind: 'longer', byMs: sign * ms };
};

/** A new value for what a word names. */
function valueChange(what: string, value: string): Change | undefined {
  const of = what.toLowerCase().replace(/^the\s+/, '');
  const plain = unquoted(value);
  if (of === 'name') return { kind: 'rename', name: plain };
  if (of === 'type') return { kind: 'type', type: plain };
  if (/^(?:duration|length)$/.test(of)) return lasting(value);
  const colour = colourOf(value);
  if (colour !== undefined) return { kind: 'colour', colour, of: colouredPart(of) };
  if (/\bcolou?rs?$/.test(of)) return undefined;
  if (/^-?\d+(?:\.\d+)?$/.test(value.trim())) return { kind: 'number', of, value: Number(value) };
  return { kind: 'text', text: plain, of: /^(?:text|words?)$/.test(of) ? null : of };
}

function colouredPart(words: string): string | null {
  const part = words.replace(/\s*\bcolou?rs?$/i, '').toLowerCase();
  return part === '' ? null : part;
}

/** `the background of X` and `X's background` are a part of X. */
function paint(words = '', colour = ''): Action | undefined {
  const owned =
    /^(?:the\s+)?(?<part>[\w-]+)\s+(?:of|in|on)\s+(?<t>.+)$/i.exec(words) ??
    /^(?<t>.+?)['’]s\s+(?<part>[\w-]+)$/i.exec(words);
  const { t = words, part = '' } = owned?.groups ?? {};
  return edit(t, { kind: 'colour', colour: colourOf(colour) ?? '', of: colouredPart(part) });
}

const answer = (about: 'sceneCount' | 'totalDuration' | 'sceneNames'): Action => ({
  operation: 'answer',
  about,
  text: null,
});

const moveTo = (words = '', place: number): Action => ({
  operation: 'reorder',
  target: targetOf(words),
  to: { relation: 'place', place },
});

const relative = (words = '', relation: 'before' | 'after' | 'swap', other = ''): Action => ({
  operation: 'reorder',
  target: targetOf(words),
  to: { relation, of: targetOf(other) },
});

const QUESTION = '(?:how|what|which|who|why|when|where|is|are|does|do|tell|list|show|count)\\b';

const RULES: readonly Rule[] = [
  rule('.*\\b(?:how many|number of|count(?: all)?(?: the)?) scenes\\b.*', () =>
    answer('sceneCount'),
  ),
  rule(
    'how long (?:is|will|does) (?:it|(?:the |my )?(?:whole )?(?:film|video|project|movie))\\b.*',
    () => answer('totalDuration'),
  ),
  rule('.*\\b(?:total|overall) (?:duration|length|running time)\\b.*', () =>
    answer('totalDuration'),
  ),
  rule('(?:list|show|name|which|what)\\b.*\\bscenes\\b.*', () => answer('sceneNames')),
  // Any other question is no wish, whatever words it holds.
  rule(`${QUESTION}.*`, () => undefined),

  rule(
    '(?:delete|remove|drop|discard|erase|get rid of|throw (?:away|out))\\s+(?<t>.+)',
    ({ t = '' }) => ({
      operation: 'delete',
      target: targetOf(t),
    }),
  ),

  rule(
    `(?:replace|change)\\s+(?<a>${QUOTED})\\s+(?:with|by|to)\\s+(?<b>${QUOTED})\\s+(?:in|on)\\s+(?<t>.+)`,
    ({ t, a = '', b = '' }) => edit(t, { kind: 'replace', from: unquoted(a), to: unquoted(b) }),
  ),
  rule(`(?:write|put)\\s+(?<v>${QUOTED})\\s+(?:on|in|into)\\s+(?<t>.+)`, ({ t, v = '' }) =>
    edit(t, { kind: 'text', text: unquoted(v), of: null }),
  ),

  rule('(?:swap|exchange|switch)\\s+(?<t>.+?)\\s+(?:and|with|for)\\s+(?<o>.+)', ({ t, o }) =>
    relative(t, 'swap', o),
  ),
  rule('(?:reverse|invert|flip)\\b.*\\b(?:order|scenes|film|video|everything)', () => ({
    operation: 'reorder',
    target: { by: 'all' },
    to: { relation: 'reverse' },
  })),
  rule(
    `${MOVE}\\s+(?<t>.+?)\\s+(?:(?:right|directly|just)\\s+)?(?:before|in front of|ahead of)\\s+(?<o>.+)`,
    ({ t, o }) => relative(t, 'before', o),
  ),
  rule(
    `${MOVE}\\s+(?<t>.+?)\\s+(?:(?:right|directly|just)\\s+)?(?:after|behind)\\s+(?<o>.+)`,
    ({ t, o }) => relative(t, 'after', o),
  ),
  rule(
    `${MOVE}\\s+(?<t>.+?)\\s+(?:to|at|in)\\s+the\\s+(?:very\\s+)?(?:beginning|start|front|top)`,
    ({ t }) => moveTo(t, 1),
  ),
  rule(`${MOVE}\\s+(?<t>.+?)\\s+(?:to|at)\\s+the\\s+(?:very\\s+)?(?:end|back|bottom)`, ({ t }) =>
    moveTo(t, -1),
  ),
  rule(
    `(?:${MOVE}|make)\\s+(?<t>.+?)\\s+(?:(?:to|be|in)\\s+)?(?:the\\s+)?(?<n>${ORDINAL_WORDS})(?:\\s+(?:scene|place|position|one))?`,
    ({ t, n = '' }) => moveTo(t, placeOf(n) ?? 1),
  ),
  rule(
    `${MOVE}\\s+(?<t>.+?)\\s+to\\s+(?:place|position|number)\\s+(?<n>\\d{1,3})`,
    ({ t, n = '' }) => moveTo(t, Number(n)),
  ),

  rule('(?:rename|retitle)\\s+(?<t>.+?)\\s+(?:to|as|into)\\s+(?<v>.+)', ({ t, v = '' }) =>
    edit(t, { kind: 'rename', name: unquoted(v) }),
  ),
  rule(`(?:call|name)\\s+(?<t>.+?)\\s+(?<v>${QUOTED})`, ({ t, v = '' }) =>
    edit(t, { kind: 'rename', name: unquoted(v) }),
  ),
  rule(
    '(?:turn|convert)\\s+(?<t>.+?)\\s+into\\s+an?\\s+(?<v>[\\w-]+)(?:\\s+scene)?',
    ({ t, v = '' }) => edit(t, { kind: 'type', type: v.toLowerCase() }),
  ),

  rule(
    '(?:add|create|insert|make|generate|append|build)\\s+(?:me\\s+)?(?:an?|another|one more)\\s+(?<v>.+)',
    ({ v = '' }) => createRule(v),
  ),

  rule(`make\\s+(?<t>.+?)\\s+${D}\\s+(?:longer|slower)`, ({ t, d }) => edit(t, longer(d, 1))),
  rule(`make\\s+(?<t>.+?)\\s+${D}\\s+(?:shorter|faster)`, ({ t, d }) => edit(t, longer(d, -1))),
  rule(`(?:lengthen|extend|prolong)\\s+(?<t>.+?)\\s+by\\s+${D}`, ({ t, d }) =>
    edit(t, longer(d, 1)),
  ),
  rule(`(?:shorten|trim|cut)\\s+(?<t>.+?)\\s+by\\s+${D}`, ({ t, d }) => edit(t, longer(d, -1))),
  rule(
    '(?<f>double|triple|halve)\\s+(?:the\\s+(?:duration|length)\\s+of\\s+)?(?<t>.+)',
    ({ t, f = '' }) => edit(t, { kind: 'stretch', factor: FACTORS[f.toLowerCase()] ?? 1 }),
  ),
  rule('make\\s+(?<t>.+?)\\s+(?<f>twice|half|three times)\\s+as\\s+long', ({ t, f = '' }) =>
    edit(t, { kind: 'stretch', factor: FACTORS[f.toLowerCase()] ?? 1 }),
  ),

  rule(
    `${MAKE}\\s+(?<t>.+?)['’]s\\s+(?<of>[\\w -]+?)\\s+(?:to|into|be)\\s+(?<v>.+)`,
    ({ t, of = '', v = '' }) => edit(t, valueChange(of, v)),
  ),
  rule(
    `(?:set|change|update|edit)\\s+(?:the\\s+)?(?<of>[\\w -]+?)\\s+(?:of|in|on|for)\\s+(?<t>.+?)\\s+(?:to|into)\\s+(?<v>.+)`,
    ({ t, of = '', v = '' }) => edit(t, valueChange(of, v)),
  ),
  rule(
    `(?:make|let|have|set|change|shorten|extend|cut)\\s+(?<t>.+?)\\s+(?:to\\s+)?(?:(?:last|run|take|be)\\s+)?(?:for\\s+)?${D}(?:\\s+long)?`,
    ({ t, d }) => edit(t, lasting(d)),
  ),
  rule('(?:make|let|have)\\s+(?<t>.+?)\\s+(?:say|read)\\s+(?<v>.+)', ({ t, v = '' }) =>
    edit(t, { kind: 'text', text: unquoted(v), of: null }),
  ),
  rule(`give\\s+(?<t>.+?)\\s+an?\\s+${C}\\s+(?<of>[\\w-]+)`, ({ t, c, of = '' }) =>
    edit(t, { kind: 'colour', colour: colourOf(c ?? '') ?? '', of: colouredPart(of) }),
  ),
  rule(
    `use\\s+${C}\\s+(?:for|as)\\s+(?:the\\s+)?(?<of>[\\w-]+)\\s+(?:of|in|on)\\s+(?<t>.+)`,
    ({ t, c, of = '' }) =>
      edit(t, { kind: 'colour', colour: colourOf(c ?? '') ?? '', of: colouredPart(of) }),
  ),
  rule(`use\\s+${C}\\s+(?:for|in|on)\\s+(?<t>.+)`, ({ t, c }) => paint(t, c)),
  rule(`${MAKE}\\s+(?<t>.+?)\\s+(?:to\\s+)?${C}`, ({ t, c }) => paint(t, c)),
];

const POLITE =
  /^(?:(?:please|hey|ok|okay|now|then|and|also|just|could you|can you|would you|will you|i want you to|i'd like you to|i would like you to|let's|let us)[\s,]+)+/i;

export function createOfflineBrain(): Brain {
  return {
    model: 'offline-rules',
    endpoint: '',
    version: RULES_VERSION,
    decide: (prompt) => Promise.resolve({ intent: decideByRules(prompt), tokens: 0 }),
  };
}

function decideByRules(prompt: string): Intent {
  const words = prompt
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(POLITE, '')
    .replace(/(?:[\s,]+(?:please|thanks|thank you))?[\s.!?]*$/i, '');
  if (words.length > PROMPT_LENGTH_MAX) return unknown();
  for (const [index, [pattern, decide]] of RULES.entries()) {
    const match = pattern.exec(words);
    if (!match) continue;
    const action = decide(match.groups ?? {});
    const intent = {
      action,
      reasoning: `Rule ${index + 1}: ${action?.operation}`,
      confidence: SURE,
    };
    // A name may be too long, a duration too short: then it was not meant so.
    const parsed = intentSchema.safeParse(intent);
    return parsed.success ? parsed.data : unknown();
  }
  return unknown();
}

function unknown(): Intent {
  const action = { operation: 'answer', about: 'text', text: HELP } as const;
  return { action, reasoning: 'No rule fits this prompt', confidence: UNSURE };
}

/** Which intents are the same: whatever the words, the order of keys or changes, and what is not said. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equivalenceOf } from '../../src/services/brain/index.ts';
import { isReusable, namesIn } from '../../src/services/brain/equivalence.ts';
import type { Action } from '../../src/services/brain/intent.ts';
import { LABELLED } from './prompts.ts';

const classOf = (action: Action) => equivalenceOf({ action });
const last = { by: 'place', place: -1 } as const;
const edit = (...changes: Extract<Action, { operation: 'edit' }>['changes']): Action => ({
  operation: 'edit',
  target: last,
  changes,
});

/** As PostgreSQL's jsonb gives it back: with its keys in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, reordered(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)));
}

describe('two intents are the same', () => {
  it.each<[string, Action, Action]>([
    [
      'with names in another case or spelling',
      {
        operation: 'edit',
        target: { by: 'name', name: 'The Intro!' },
        changes: [{ kind: 'duration', ms: 1 }],
      },
      {
        operation: 'edit',
        target: { by: 'name', name: 'the intro' },
        changes: [{ kind: 'duration', ms: 1 }],
      },
    ],
    [
      'with a colour by name or by number',
      edit({ kind: 'colour', colour: 'teal', of: 'Background' }),
      edit({ kind: 'colour', colour: '#008080', of: 'background' }),
    ],
    [
      'with changes in another order',
      edit({ kind: 'duration', ms: 5 }, { kind: 'rename', name: 'A' }),
      edit({ kind: 'rename', name: 'A' }, { kind: 'duration', ms: 5 }),
    ],
    [
      'with the two of a swap exchanged',
      { operation: 'reorder', target: last, to: { relation: 'swap', of: { by: 'all' } } },
      { operation: 'reorder', target: { by: 'all' }, to: { relation: 'swap', of: last } },
    ],
  ])('%s', (_what, one, other) => {
    expect(classOf(one)).toBe(classOf(other));
  });

  it.each(LABELLED)('after JSON has reordered them: %s, %s', (_project, _prompt, action) => {
    expect(classOf(reordered(action) as Action)).toBe(classOf(action));
  });
});

it('every intent of the table that differs in what it does has another class', () => {
  const classes = new Map<string, Action>();
  for (const [, , action] of LABELLED) {
    const known = classes.get(classOf(action));
    if (known) expect(action).toEqual(known);
    classes.set(classOf(action), action);
  }
  expect(classes.size).toBeGreaterThan(50);
});

it('a change of any number, word or colour is another class', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 1, max: 9_999 }), (a, b) => {
      fc.pre(a !== b);
      const made = (n: number) => [
        edit({ kind: 'duration', ms: n }),
        edit({ kind: 'longer', byMs: n }),
        edit({ kind: 'number', of: 'stars', value: n }),
        edit({ kind: 'text', text: `text ${n}`, of: null }),
        edit({ kind: 'replace', from: `from ${n}`, to: 'to' }),
        edit({ kind: 'colour', colour: `#${String(n).padStart(6, '0')}`, of: null }),
      ];
      const all = [...made(a), ...made(b)].map(classOf);
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

it('what deletes and what is free text is for its own prompt alone; scenes are named as they are', () => {
  expect(isReusable({ action: { operation: 'delete', target: last } })).toBe(false);
  expect(isReusable({ action: { operation: 'answer', about: 'text', text: 'x' } })).toBe(false);
  expect(isReusable({ action: { operation: 'answer', about: 'sceneCount', text: null } })).toBe(
    true,
  );
  const to = { relation: 'after', of: { by: 'name', name: 'Two' } } as const;
  const moved: Action = { operation: 'reorder', target: { by: 'name', name: 'One!' }, to };
  expect(namesIn({ action: moved })).toEqual(['one', 'two']);
});

import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/db/schema/index.ts';
import { isSignificantChange } from '../../src/services/personality/significant-change.ts';

const BEFORE: Analysis = {
  traits: { warmth: 0.5, humour: 0.6 },
  communicationStyle: 'balanced',
  interests: ['light', 'sky'],
  expertise: 'practised',
  tone: 'neutral',
  pace: 'moderate',
  confidence: 0.5,
  evidence: { messages: 40 },
  schemaVersion: 1,
};

const changed = (change: Partial<Analysis>) =>
  isSignificantChange(BEFORE, { ...BEFORE, ...change });

describe('it is significant that', () => {
  it.each<[string, Partial<Analysis>]>([
    ['a trait moved by 0.1', { traits: { warmth: 0.5, humour: 0.7 } }],
    ['a trait moved down by 0.1', { traits: { warmth: 0.4, humour: 0.6 } }],
    ['a trait is new', { traits: { ...BEFORE.traits, patience: 0 } }],
    ['a trait is gone', { traits: { warmth: 0.5 } }],
    ['a trait took the place of another', { traits: { warmth: 0.5, patience: 0.6 } }],
    ['the confidence moved by 0.1', { confidence: 0.6 }],
    ['the style is another', { communicationStyle: 'concise' }],
    ['the expertise is another', { expertise: 'expert' }],
    ['the tone is another', { tone: 'positive' }],
    ['the pace is another', { pace: 'quick' }],
    ['an interest is new', { interests: ['light', 'sky', 'sound'] }],
    ['an interest is gone', { interests: ['light'] }],
    ['the schema is another', { schemaVersion: 2 }],
  ])('%s', (_what, change) => {
    expect(changed(change)).toBe(true);
  });
});

describe('it is not significant that', () => {
  it.each<[string, Partial<Analysis>]>([
    ['nothing differs', {}],
    ['a trait moved by less than 0.1', { traits: { warmth: 0.5, humour: 0.699 } }],
    ['the confidence moved by less than 0.1', { confidence: 0.599 }],
    ['the interests come in another order', { interests: ['sky', 'light'] }],
    ['there is more evidence', { evidence: { messages: 41, words: 900 } }],
  ])('%s', (_what, change) => {
    expect(changed(change)).toBe(false);
  });
});

/**
 * From counts to an analysis: plain formulas, so that anybody can check them by hand. With M texts
 * (messages and decisions), W words, S sentences, all traits from 0 to 1, rounded to three digits:
 *
 *   curiosity       2 · questions ÷ S, at most 1
 *   expressiveness  (exclamations + emoji) ÷ S, at most 1
 *   politeness      2 · polite sentences ÷ S, at most 1
 *   positivity      (1 + mean sentiment of the texts) ÷ 2
 *   verbosity       W ÷ M ÷ 50, at most 1
 *   vocabulary      different base forms per word: mean over every window of 50 words (MATTR,
 *                   Covington & McFall 2010), or over all words where there are fewer
 *   formality       (f + 1) ÷ 2 with f = (nouns + adjectives + adpositions + determiners
 *                   − pronouns − verbs − adverbs − interjections) ÷ W (Heylighen & Dewaele 1999)
 *   technicality    10 · words of the craft ÷ W, at most 1
 *
 *   confidence      W ÷ (W + 300): half at 300 words
 *
 * Without any word there are no traits, and no confidence.
 */
import type { Analysis } from '../../db/schema/index.ts';
import { MINUTE } from '../../config/duration.ts';
import { ANALYSIS_SCHEMA_VERSION, EMPTY_ANALYSIS } from '../personality/analysis.ts';
import type { Measures } from './measures.ts';

export const TRAITS = [
  'curiosity',
  'expressiveness',
  'politeness',
  'positivity',
  'verbosity',
  'vocabulary',
  'formality',
  'technicality',
] as const;
export type TraitName = (typeof TRAITS)[number];

export const STYLES = [
  'inquisitive',
  'expressive',
  'elaborate',
  'concise',
  'formal',
  'balanced',
] as const;
export const EXPERTISE = ['newcomer', 'practised', 'expert'] as const;
export const TONES = ['negative', 'neutral', 'positive'] as const;
const PACES = ['quick', 'moderate', 'unhurried'] as const;
export const INTERESTS_MAX = 8;

const WINDOW_WORDS = 50;
const VERBOSE_WORDS = 50;
const CONFIDENT_WORDS = 300;
/** A noun of a single text is an accident. */
const INTEREST_TEXTS_MIN = 2;
/** Median time between two messages of a conversation: below, and above. */
const QUICK_MS = MINUTE;
const UNHURRIED_MS = 5 * MINUTE;

const NOMINAL = ['NOUN', 'PROPN', 'ADJ', 'ADP', 'DET'];
const DEICTIC = ['PRON', 'VERB', 'AUX', 'ADV', 'INTJ'];

export function analysisOf(measures: Measures): Analysis {
  const evidence = evidenceOf(measures);
  if (measures.words === 0) return { ...EMPTY_ANALYSIS, evidence };
  const traits = traitsOf(measures);
  return {
    traits,
    communicationStyle: styleOf(traits),
    interests: interestsOf(measures),
    expertise: band(traits.technicality, [0.2, 0.6], EXPERTISE),
    tone: band(traits.positivity, [0.45, 0.55], TONES),
    pace: paceOf(measures),
    confidence: rounded(measures.words / (measures.words + CONFIDENT_WORDS)),
    evidence,
    schemaVersion: ANALYSIS_SCHEMA_VERSION,
  };
}

function traitsOf(measures: Measures): Record<TraitName, number> {
  const { texts, words, sentences, questions, exclamations, emoji, polite } = measures;
  const count = (tags: readonly string[]) =>
    sum(tags.map((tag) => measures.partsOfSpeech[tag] ?? 0));
  const formality = ((count(NOMINAL) - count(DEICTIC)) / words + 1) / 2;
  const traits: Record<TraitName, number> = {
    curiosity: (2 * questions) / sentences,
    expressiveness: (exclamations + emoji) / sentences,
    politeness: (2 * polite) / sentences,
    positivity: (1 + mean(measures.sentiments)) / 2,
    verbosity: words / texts / VERBOSE_WORDS,
    vocabulary: vocabularyOf(measures.lemmas),
    formality,
    technicality: (10 * measures.technical) / words,
  };
  for (const name of TRAITS) traits[name] = rounded(Math.min(1, Math.max(0, traits[name])));
  return traits;
}

/** Mean share of different words in every window; kept in one pass by counting what is in it. */
function vocabularyOf(lemmas: readonly string[]): number {
  const size = Math.min(WINDOW_WORDS, lemmas.length);
  const inside = new Map<string, number>();
  let total = 0;
  for (const [index, lemma] of lemmas.entries()) {
    inside.set(lemma, (inside.get(lemma) ?? 0) + 1);
    const leaving = index >= size ? lemmas[index - size] : undefined;
    if (leaving !== undefined) {
      const left = (inside.get(leaving) ?? 0) - 1;
      if (left > 0) inside.set(leaving, left);
      else inside.delete(leaving);
    }
    if (index >= size - 1) total += inside.size / size;
  }
  return total / (lemmas.length - size + 1);
}

/** The first that applies. */
function styleOf(traits: Record<TraitName, number>): (typeof STYLES)[number] {
  const { curiosity, expressiveness, verbosity, formality } = traits;
  if (curiosity >= 0.6) return 'inquisitive';
  if (expressiveness >= 0.4) return 'expressive';
  if (verbosity >= 0.6) return 'elaborate';
  if (verbosity <= 0.2) return 'concise';
  return formality >= 0.6 ? 'formal' : 'balanced';
}

/** The nouns of the most texts; those of equally many by the alphabet. */
function interestsOf({ topics }: Measures): string[] {
  return [...topics]
    .filter(([, texts]) => texts >= INTEREST_TEXTS_MIN)
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, INTERESTS_MAX)
    .map(([topic]) => topic);
}

function paceOf({ gapsMs }: Measures): string {
  if (gapsMs.length === 0) return 'moderate';
  const sorted = gapsMs.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  const median = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
  return band(median, [QUICK_MS, UNHURRIED_MS], PACES);
}

type Three<T> = readonly [T, T, T];

/** The name of the range that a value lies in; a bound itself belongs to the upper range. */
function band(value: number, [low, high]: readonly [number, number], names: Three<string>) {
  if (value < low) return names[0];
  return value < high ? names[1] : names[2];
}

function evidenceOf(measures: Measures): Record<string, number> {
  const { messages, conversations, decisions, projects } = measures;
  const { words, sentences, questions, exclamations, polite, emoji, technical } = measures;
  const read = { messages, conversations, decisions, projects };
  return { ...read, words, sentences, questions, exclamations, polite, emoji, technical };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => (values.length === 0 ? 0 : sum(values) / values.length);
const rounded = (value: number) => Math.round(value * 1_000) / 1_000;

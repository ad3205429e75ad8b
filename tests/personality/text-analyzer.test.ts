/** What is counted, and what is computed from it: both by hand. */
import { describe, expect, it } from 'vitest';
import type { WrittenText } from '../../src/db/queries/material.ts';
import { createTextAnalyzer } from '../../src/services/analyzer/index.ts';
import { emptyMeasures, type Measures } from '../../src/services/analyzer/measures.ts';
import { analysisOf } from '../../src/services/analyzer/traits.ts';

const at = (seconds: number) => new Date(seconds * 1_000);

const message = (threadId: string, seconds: number, text: string): WrittenText => ({
  kind: 'message',
  threadId,
  at: at(seconds),
  text,
});
const decision = (threadId: string, seconds: number, text: string): WrittenText => ({
  ...message(threadId, seconds, text),
  kind: 'decision',
});

const TEXTS = [
  message('a', 0, 'The red lamp glows. Is the lamp too dark?'),
  message('a', 30, 'Thanks! The lamp is lovely 😀'),
  message('b', 0, 'Render the scene.'),
  message('b', 90, 'The scene is dark.'),
];

const analyze = (texts: readonly WrittenText[]) =>
  createTextAnalyzer().analyze(texts, AbortSignal.timeout(5_000));

describe('a few sentences', () => {
  it('are counted as a person would count them', async () => {
    const { evidence, interests } = await analyze(TEXTS);
    expect(evidence).toEqual({
      messages: 4,
      conversations: 2,
      decisions: 0,
      projects: 0,
      // 4 + 5, 1 + 4, 3, 4
      words: 21,
      sentences: 6,
      questions: 1,
      exclamations: 1,
      polite: 1,
      emoji: 1,
      // Render, scene, scene
      technical: 3,
    });
    // Nouns of at least two texts; "thanks" is of one.
    expect(interests).toEqual(['lamp', 'scene']);
  });

  it('give the traits that the formulas give', async () => {
    const { traits, confidence, pace, expertise, communicationStyle } = await analyze(TEXTS);
    expect(traits).toMatchObject({
      // 2 · 1 ÷ 6
      curiosity: 0.333,
      // (1 + 1) ÷ 6
      expressiveness: 0.333,
      // 2 · 1 ÷ 6
      politeness: 0.333,
      // 21 ÷ 4 ÷ 50
      verbosity: 0.105,
      // the red lamp glow be too dark thanks lovely render scene: 11 of 21
      vocabulary: 0.524,
      // 5 determiners, 4 adjectives, 6 nouns − 2 verbs, 3 auxiliaries, 1 adverb: (9 ÷ 21 + 1) ÷ 2
      formality: 0.714,
      // 10 · 3 ÷ 21, at most 1
      technicality: 1,
    });
    // 21 ÷ 321
    expect(confidence).toBe(0.065);
    // 30 s and 90 s: the median is a minute, and a bound belongs to the upper range.
    expect(pace).toBe('moderate');
    expect({ expertise, communicationStyle }).toEqual({
      expertise: 'expert',
      communicationStyle: 'concise',
    });
  });

  it('give the same each time', async () => {
    expect(await analyze(TEXTS)).toEqual(await analyze(TEXTS));
  });
});

describe('decisions', () => {
  // Added to the four messages: 4 + 3 words, 2 sentences, a project each.
  const decided = [
    decision('p', 0, 'Make the title red.'),
    decision('q', 0, 'Delete the lamp!'),
    decision('q', 9_000, '…'),
  ];

  it('are read like messages, and counted apart', async () => {
    const { evidence, interests, confidence, traits } = await analyze([...TEXTS, ...decided]);
    expect(evidence).toMatchObject({
      messages: 4,
      conversations: 2,
      decisions: 3,
      projects: 2,
      words: 28,
      sentences: 8,
      exclamations: 2,
      technical: 3,
    });
    // The lamp now is in three texts, the scene in two.
    expect(interests).toEqual(['lamp', 'scene']);
    // 28 ÷ 328
    expect(confidence).toBe(0.085);
    // 28 ÷ 7 ÷ 50, and 2 · 1 ÷ 8
    expect(traits).toMatchObject({ verbosity: 0.08, curiosity: 0.25 });
  });

  it('are enough for an analysis, and say nothing of the pace', async () => {
    expect(await analyze(decided)).toMatchObject({
      evidence: { messages: 0, conversations: 0, decisions: 3, projects: 2, words: 7 },
      // 7 ÷ 307
      confidence: 0.023,
      pace: 'moderate',
    });
    const hasty = [message('a', 0, 'Hello.'), message('a', 5, 'Are you there?')];
    expect((await analyze([...decided, ...hasty])).pace).toBe('quick');
  });
});

describe('more than can be read', () => {
  it('is read from the first text on, whole texts only', async () => {
    const long = 'word '.repeat(800);
    const texts = Array.from({ length: 60 }, (_, index) => message('a', index, long));
    // 50 times 4,000 bytes are 200,000.
    expect((await analyze(texts)).evidence).toMatchObject({ messages: 50, words: 40_000 });
    const wide = Array.from({ length: 60 }, (_, index) => message('a', index, '字'.repeat(4_000)));
    // 16 times 12,000 bytes; a seventeenth would be too much.
    expect((await analyze(wide)).evidence).toMatchObject({ messages: 16 });
  });
});

describe('what has no space in it', () => {
  it('is taken apart, since nothing else bounds how long its tokenizer takes', async () => {
    const endless = await analyze([message('a', 0, 'a'.repeat(1_000))]);
    expect(endless.evidence).toMatchObject({ words: 5 });
    const longest = await analyze([message('a', 0, `${'a'.repeat(200)} ${'b'.repeat(200)}`)]);
    expect(longest.evidence).toMatchObject({ words: 2 });
  });
});

describe('nobody who says nothing', () => {
  it.each([
    ['no text', []],
    ['no word', [message('a', 0, '…  !!')]],
  ])('has traits: %s', async (_what, texts) => {
    const analysis = await analyze(texts);
    expect(analysis).toMatchObject({ traits: {}, interests: [], confidence: 0, tone: 'neutral' });
    expect(analysis.evidence).toMatchObject({ messages: texts.length, words: 0 });
  });
});

describe('the formulas', () => {
  const measures = (given: Partial<Measures>): Measures => ({
    ...emptyMeasures(),
    texts: 1,
    words: 10,
    sentences: 1,
    lemmas: ['a'],
    ...given,
  });

  it('take positivity from the mean sentiment of the texts', () => {
    // (0.5 + 0 − 0.25 + 0.15) ÷ 4 = 0.1
    const { traits, tone } = analysisOf(measures({ sentiments: [0.5, 0, -0.25, 0.15] }));
    expect(traits['positivity']).toBe(0.55);
    expect(tone).toBe('positive');
    expect(analysisOf(measures({ sentiments: [-0.2] })).tone).toBe('negative');
    expect(analysisOf(measures({ sentiments: [] })).tone).toBe('neutral');
  });

  it('take vocabulary from every window of 50 words', () => {
    // 51 words: a b b … b. The first window has a and b (2 ÷ 50), the second b alone (1 ÷ 50).
    const lemmas = ['a', ...Array<string>(50).fill('b')];
    expect(analysisOf(measures({ lemmas })).traits['vocabulary']).toBe(0.03);
    const different = Array.from({ length: 200 }, (_, index) => `w${index}`);
    expect(analysisOf(measures({ lemmas: different })).traits['vocabulary']).toBe(1);
  });

  it('keep every trait from 0 to 1', () => {
    const { traits } = analysisOf(
      measures({
        words: 500,
        questions: 9,
        exclamations: 9,
        emoji: 9,
        polite: 9,
        technical: 9,
        sentiments: [1],
        partsOfSpeech: { VERB: 500 },
        lemmas: ['a'],
      }),
    );
    expect(traits).toEqual({
      curiosity: 1,
      expressiveness: 1,
      politeness: 1,
      positivity: 1,
      verbosity: 1,
      vocabulary: 1,
      formality: 0,
      technicality: 0.18,
    });
  });

  it.each([
    [[10_000], 'quick'],
    [[59_000, 59_000, 900_000], 'quick'],
    [[60_000], 'moderate'],
    [[100_000, 900_000], 'unhurried'],
    [[], 'moderate'],
  ])('call gaps of %j ms %s', (gapsMs, pace) => {
    expect(analysisOf(measures({ gapsMs })).pace).toBe(pace);
  });

  it.each([
    [{ questions: 3, sentences: 10 }, 'inquisitive'],
    [{ exclamations: 2, emoji: 2, sentences: 10 }, 'expressive'],
    [{ words: 300, texts: 10 }, 'elaborate'],
    [{ words: 100, texts: 10 }, 'concise'],
    [{ words: 200, texts: 10, partsOfSpeech: { NOUN: 40 } }, 'formal'],
    [{ words: 200, texts: 10 }, 'balanced'],
  ])('call %j %s', (given, style) => {
    expect(analysisOf(measures(given)).communicationStyle).toBe(style);
  });

  it('name at most eight interests, those of most texts first', () => {
    const topics = new Map([
      ['once', 1],
      ...'jihgfedcba'.split('').map((name) => [name, 2] as const),
    ]);
    topics.set('often', 9);
    const { interests } = analysisOf(measures({ topics }));
    expect(interests).toEqual(['often', 'a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });
});

/**
 * What can be counted in texts, by the language model of wink-nlp (English; words of other
 * languages count as words, their parts of speech are guesses). Numbers only: what they mean is
 * said in traits.ts.
 */
import type { ItemSentence, ItemToken, ItsHelpers, WinkMethods } from 'wink-nlp';
import type { WrittenText } from '../../db/queries/material.ts';

export interface Measures {
  texts: number;
  /** Texts by kind, and the threads that they are of. */
  messages: number;
  conversations: number;
  decisions: number;
  projects: number;
  words: number;
  sentences: number;
  /** Sentences that end with a question mark, or with an exclamation mark. */
  questions: number;
  exclamations: number;
  /** Sentences with a word of courtesy. */
  polite: number;
  /** Emoji and emoticons. */
  emoji: number;
  /** Words of the craft. */
  technical: number;
  /** Words by part of speech (universal tags), e.g. `NOUN`. */
  partsOfSpeech: Record<string, number>;
  /** Of each text with words, from −1 to 1. */
  sentiments: number[];
  /** All words' base forms, in order. */
  lemmas: string[];
  /** By noun, in how many texts it occurs. */
  topics: Map<string, number>;
  /** Between neighbouring messages of a conversation. */
  gapsMs: number[];
}

export interface Language {
  readonly nlp: WinkMethods;
  readonly its: ItsHelpers;
}

const COURTESY = new Set(['please', 'thank', 'thanks', 'sorry', 'kindly', 'appreciate']);

/** Base forms that who makes animated scenes learns to use. */
const CRAFT = new Set(
  (
    'animation easing ease keyframe frame fps gradient opacity render timeline transition scene ' +
    'component prop props tsx svg css canvas layer mask blur shadow vector spline bezier kerning ' +
    'typeface palette hue saturation contrast resolution bitrate codec aspect ratio stagger loop ' +
    'parallax viewport transform rotate scale interpolate shader export import function state hook'
  ).split(' '),
);

const TOPIC_LENGTH_MIN = 3;

/**
 * What no word is as long as. The tokenizer's time grows with the square of what has no space in it:
 * 4,000 characters of `http://http://` would hold everybody else up for a second.
 */
const ENDLESS = /(\S{200})(?=\S)/g;

export function emptyMeasures(): Measures {
  return {
    texts: 0,
    messages: 0,
    conversations: 0,
    decisions: 0,
    projects: 0,
    words: 0,
    sentences: 0,
    questions: 0,
    exclamations: 0,
    polite: 0,
    emoji: 0,
    technical: 0,
    partsOfSpeech: {},
    sentiments: [],
    lemmas: [],
    topics: new Map(),
    gapsMs: [],
  };
}

/** Adds one text to what was counted so far. */
export function measureText(measures: Measures, { nlp, its }: Language, text: string): void {
  const doc = nlp.readDoc(text.replaceAll(ENDLESS, '$1 '));
  const topics = new Set<string>();
  const wordsBefore = measures.words;
  measures.texts += 1;
  doc.sentences().each((sentence: ItemSentence) => {
    let words = 0;
    let polite = false;
    const ending = /[?!]+["')\]\s]*$/.exec(sentence.out())?.[0] ?? '';
    sentence.tokens().each((token: ItemToken) => {
      const type = token.out(its.type);
      if (type === 'emoji' || type === 'emoticon') measures.emoji += 1;
      if (type !== 'word') return;
      const lemma = lemmaOf(token, its);
      const pos = token.out(its.pos);
      words += 1;
      measures.lemmas.push(lemma);
      measures.partsOfSpeech[pos] = (measures.partsOfSpeech[pos] ?? 0) + 1;
      if (COURTESY.has(lemma)) polite = true;
      if (CRAFT.has(lemma)) measures.technical += 1;
      const isTopic = (pos === 'NOUN' || pos === 'PROPN') && !token.out(its.stopWordFlag);
      if (isTopic && lemma.length >= TOPIC_LENGTH_MIN) topics.add(lemma);
    });
    if (words === 0) return;
    measures.words += words;
    measures.sentences += 1;
    if (ending.includes('?')) measures.questions += 1;
    if (ending.includes('!')) measures.exclamations += 1;
    if (polite) measures.polite += 1;
  });
  for (const topic of topics) measures.topics.set(topic, (measures.topics.get(topic) ?? 0) + 1);
  if (measures.words > wordsBefore) measures.sentiments.push(doc.out(its.sentiment) as number);
}

/**
 * Adds what does not depend on the words. Between decisions on a project lie hours of other work,
 * which say nothing of how somebody talks: only conversations have gaps.
 */
export function measureThreads(measures: Measures, texts: readonly WrittenText[]): void {
  const { message: messages = [], decision: decisions = [] } = Object.groupBy(
    texts,
    ({ kind }) => kind,
  );
  measures.messages = messages.length;
  measures.conversations = threadsOf(messages);
  measures.decisions = decisions.length;
  measures.projects = threadsOf(decisions);
  for (const [index, { threadId, at }] of messages.entries()) {
    const before = messages[index - 1];
    if (before?.threadId !== threadId) continue;
    measures.gapsMs.push(at.getTime() - before.at.getTime());
  }
}

const threadsOf = (texts: readonly WrittenText[]) =>
  new Set(texts.map(({ threadId }) => threadId)).size;

/** Its declared type lacks that it is also asked of tokens. */
function lemmaOf(token: ItemToken, its: ItsHelpers): string {
  return token.out(its.lemma as typeof its.normal);
}

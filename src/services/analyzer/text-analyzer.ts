/**
 * The analyzer that needs nobody: it counts (measures.ts) and computes (traits.ts), so that the same
 * texts always give the same analysis. Between texts others get their turn.
 */
import { setImmediate } from 'node:timers/promises';
import { SECOND } from '../../config/duration.ts';
import type { Analyzer } from './analyzer.ts';
import { firstTexts } from './first-texts.ts';
import { emptyMeasures, measureText, measureThreads, type Language } from './measures.ts';
import { analysisOf } from './traits.ts';

/** Some tens of thousands of words, a tenth of a second. */
const TEXT_BYTES_MAX = 200_000;
const TIMEOUT_MS = 10 * SECOND;

export function createTextAnalyzer(): Analyzer {
  return {
    name: 'text',
    timeoutMs: TIMEOUT_MS,
    async analyze(texts, signal) {
      const loaded = await (language ??= loadLanguage());
      const measures = emptyMeasures();
      const read = firstTexts(texts, TEXT_BYTES_MAX);
      for (const { text } of read) {
        signal.throwIfAborted();
        measureText(measures, loaded, text);
        await setImmediate();
      }
      measureThreads(measures, read);
      return analysisOf(measures);
    },
  };
}

let language: Promise<Language> | undefined;

/** When it is first needed, and once in a process: the model grows each time it is put to use. */
async function loadLanguage(): Promise<Language> {
  const [{ default: winkNLP }, { default: model }] = await Promise.all([
    import('wink-nlp'),
    import('wink-eng-lite-web-model'),
  ]);
  const nlp = winkNLP(model);
  return { nlp, its: nlp.its };
}

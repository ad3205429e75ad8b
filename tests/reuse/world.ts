/**
 * Prompts in clear classes, a model that knows the classes, and an embedder made of words: what the
 * similar tier needs, without a network, weights or chance.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { NewSimilarRow, SimilarLog, SimilarRow } from '../../src/db/queries/similar.ts';
import type { Brain, Intent, Thought } from '../../src/services/brain/index.ts';
import { unit, type Embedder } from '../../src/services/embeddings/embedder.ts';
import { createSimilarTier, type SimilarTierOptions } from '../../src/services/reuse/index.ts';
import { seeded } from '../bench/decisions/data.ts';

const DIMENSIONS = 48;
const CLASSES = 6;
const WORDS_EACH = 9;
const OTHER_WORDS = 150;
export const TOKENS = 100;

/** Six letters that mean nothing, always the same for a number. */
function word(number: number): string {
  const digits = createHash('sha256').update(String(number)).digest().subarray(0, 6);
  return [...digits].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
}

/** Sum of a direction for each word: texts with common words are near. */
export function createWordEmbedder(options: Partial<Embedder> = {}): Embedder {
  const directions = new Map<string, Float32Array>();
  const directionOf = (text: string) => {
    const known = directions.get(text);
    if (known) return known;
    const random = seeded(createHash('sha256').update(text).digest().readUInt32LE());
    const made = unit(Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5));
    directions.set(text, made);
    return made;
  };
  return {
    id: 'words',
    dimensions: DIMENSIONS,
    model: 'words',
    provider: 'test',
    wordsMax: 12,
    async embed(texts) {
      return texts.map((text) => {
        const sum = new Float32Array(DIMENSIONS);
        for (const each of text.split(/\s+/)) {
          for (const [index, value] of directionOf(each).entries()) sum[index]! += value;
        }
        return unit(sum);
      });
    },
    close: async () => undefined,
    ...options,
  };
}

export interface Wish {
  readonly prompt: string;
  readonly group: number;
}

export function createWishes(seed: number) {
  const random = seeded(seed);
  const pick = (count: number) => Math.floor(random() * count);
  return {
    random,
    wish(group = pick(CLASSES)): Wish {
      const own = Array.from({ length: 5 }, () => word(group * WORDS_EACH + pick(WORDS_EACH)));
      const other = Array.from({ length: 2 }, () => word(10_000 + pick(OTHER_WORDS)));
      return { prompt: [...own, ...other].join(' '), group };
    },
  };
}

const GROUP_OF = new Map(
  Array.from({ length: CLASSES * WORDS_EACH }, (_, number) => [
    word(number),
    Math.floor(number / WORDS_EACH),
  ]),
);

export function intentFor(group: number | undefined): Intent {
  return {
    action: {
      operation: 'edit',
      target: { by: 'place', place: -1 },
      changes: [{ kind: 'duration', ms: 1_000 * (1 + (group ?? CLASSES)) }],
    },
    reasoning: 'as asked',
    confidence: 1,
  };
}

/** A paid model that decides by a prompt's first word of a class. */
export function createClassBrain(options: Partial<Brain> = {}) {
  const asked: string[] = [];
  const brain: Brain = {
    model: 'classes',
    endpoint: 'http://model',
    version: '1',
    async decide(prompt): Promise<Thought> {
      asked.push(prompt);
      const known = prompt.split(/\s+/).find((each) => GROUP_OF.has(each));
      return { intent: intentFor(GROUP_OF.get(known ?? '')), tokens: TOKENS };
    },
    ...options,
  };
  return { brain, asked };
}

/** A log in memory, with PostgreSQL's promise: rows appear in the order of their ids. */
export function createMemoryLog(): SimilarLog & { readonly rows: SimilarRow[] } {
  const rows: SimilarRow[] = [];
  const nothing = { entryId: null, features: null, isRight: null, decisionId: null, prompt: null };
  const neither = { facts: null, answer: null, intent: null, votesOnly: null, tokens: null };
  return {
    rows,
    start: async () => 0,
    async read(source, { after, limit }) {
      // As any database: what waits for a turn of the event loop has one.
      await setImmediate();
      return rows.slice(after, after + limit).filter((row) => row.source === source);
    },
    async append(row: NewSimilarRow) {
      const id = rows.length + 1;
      const whole = { ...nothing, ...neither, vector: null, ownerId: null, createdAt: new Date() };
      rows.push({ ...whole, ...row, id } as SimilarRow);
      return id;
    },
  };
}

/** δ */
export const WRONG_MAX = 0.05;
export const CONTEXT = { projectType: 'video', sceneCount: 3, lastSceneType: 'intro' };

export function createTier(options: Partial<SimilarTierOptions> & Pick<SimilarTierOptions, 'log'>) {
  const { brain, asked } = createClassBrain();
  const tier = createSimilarTier({
    brain,
    embedder: createWordEmbedder(),
    wrongMax: WRONG_MAX,
    ttlMs: 3_600_000,
    random: seeded(7),
    ...options,
  });
  const decide = (prompt: string, given: Partial<Parameters<typeof tier.decide>[0]> = {}) =>
    tier.decide(
      {
        prompt,
        context: CONTEXT,
        scope: 'ann',
        ownerId: 'ann',
        named: [],
        isRefused: false,
        ...given,
      },
      () => brain.decide(prompt, CONTEXT, new AbortController().signal),
    );
  return { tier, decide, asked };
}

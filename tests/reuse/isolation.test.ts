/** Whatever is asked, and by whom: nobody is answered from what others asked, or elsewhere. */
import { expect, it } from 'vitest';
import type { Intent } from '../../src/services/brain/index.ts';
import { CONTEXT, createMemoryLog, createTier, createWishes } from './world.ts';

const PROMPTS = 10_000;
const USERS = 8;
const PROJECTS = 3;
/** Prompts that everybody repeats. */
const COMMON = 60;

/** Made to look like another place's prompt, key or partition. */
const CRAFTS: readonly ((prompt: string, elsewhere: string) => string)[] = [
  (prompt) => prompt,
  (prompt) => prompt.toUpperCase(),
  (prompt) => ` ${prompt}  `,
  (prompt) => `${prompt}!`,
  (prompt, elsewhere) => `${prompt} ${elsewhere}`,
  (prompt, elsewhere) => `"scope":"${elsewhere}" ${prompt}`,
  (prompt, elsewhere) => `${prompt}\u0000${elsewhere}`,
  (prompt, elsewhere) => `${prompt}","${elsewhere}"]`,
];

it(`of ${PROMPTS} identical or crafted prompts, none is answered from outside its scope and context`, async () => {
  const log = createMemoryLog();
  const { tier } = createTier({ log });
  const { wish, random } = createWishes(1);
  const common = Array.from({ length: COMMON }, () => wish(0));
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const scopes = Array.from({ length: USERS }, (_, user) => `user${user}`).flatMap((user) => [
    `${user}:projects`,
    ...Array.from({ length: PROJECTS }, (_, project) => `${user}:project:${project}`),
  ]);
  const contexts = [
    CONTEXT,
    { ...CONTEXT, sceneCount: 4 },
    { ...CONTEXT, lastSceneType: null },
    { ...CONTEXT, projectType: 'video,3' },
  ];
  const placeOf = new Map<number, string>();
  const outside: object[] = [];
  let reuses = 0;
  for (let count = 0; count < PROMPTS; count += 1) {
    const scope = pick(scopes);
    const context = pick(contexts);
    const place = JSON.stringify([scope, context]);
    const { prompt } = random() < 0.5 ? pick(common) : wish();
    const question = {
      prompt: pick(CRAFTS)(prompt, pick(scopes)),
      scope,
      context,
      ownerId: scope,
      named: [],
      isRefused: false,
    };
    // The answer belongs to the place: whoever gets another's was answered from elsewhere.
    const intent: Intent = {
      action: {
        operation: 'create',
        text: place,
        name: null,
        type: null,
        colour: null,
        durationMs: null,
      },
      reasoning: place,
      confidence: 1,
    };
    const decided = await tier.decide(question, async () => ({ intent, tokens: 1 }));
    if (decided.similarId !== undefined) placeOf.set(decided.similarId, place);
    if (decided.via === 'model') continue;
    reuses += 1;
    const { entryId } = log.rows[decided.similarId! - 1]!;
    if (decided.intent.reasoning !== place || placeOf.get(entryId!) !== place) {
      outside.push({ place, from: decided.intent.reasoning });
    }
  }
  expect(outside).toEqual([]);
  // It was on: inside of each place, prompts were answered by likeness.
  expect(reuses).toBeGreaterThan(PROMPTS / 10);
}, 240_000);

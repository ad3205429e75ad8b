/** Values that are known already: kept under the keys that requests ask for, and asked for no more. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Embedder } from '../../src/services/embeddings/embedder.ts';
import { createStudio, type Studio } from '../domain/fixture.ts';
import { addTeam } from '../domain/people.ts';
import { createClassBrain, createWordEmbedder, intentFor } from './world.ts';

const { brain, asked } = createClassBrain();
const words = createWordEmbedder();
const embedded: string[] = [];
const embedder: Embedder = {
  ...words,
  embed(texts, signal) {
    embedded.push(...texts);
    return words.embed(texts, signal);
  },
};

let studio: Studio;
let projectId: string;
beforeAll(async () => {
  studio = await createStudio({ brain, reuse: { embedder, wrongMax: 0.01, ttlMs: 3_600_000 } });
  ({ projectId } = await addTeam(studio));
});
afterAll(() => studio[Symbol.asyncDispose]());

const PROMPT = 'make the last scene 3 seconds long';

it('keeps an answer as the model’s own, for all who share it', async () => {
  const { warmup } = studio.as('admin').admin;
  const answers = [{ projectId, prompt: PROMPT, intent: intentFor(2), tokens: 90 }];
  expect(await warmup({ answers })).toEqual({ embeddings: 0, answers: 1 });
  for (const who of ['owner', 'editor'] as const) {
    const made = await studio.as(who).decision.make({ projectId, prompt: PROMPT });
    expect(made).toMatchObject({ reuse: 'exact', tokensSaved: 90, model: 'classes' });
    expect(made.proposal).toMatchObject({ edits: [{ durationMs: 3_000 }] });
  }
  expect(asked).toEqual([]);
});

it('leaves what is kept already', async () => {
  const answers = [{ projectId, prompt: PROMPT, intent: intentFor(1) }];
  expect(await studio.as('admin').admin.warmup({ answers })).toMatchObject({ answers: 0 });
  const made = await studio.as('owner').decision.make({ projectId, prompt: PROMPT });
  expect(made.proposal).toMatchObject({ edits: [{ durationMs: 3_000 }] });
});

it('keeps a vector, for a search that then embeds no more', async () => {
  const { scene } = studio.as('owner');
  await scene.search({ projectId, query: 'so that the scenes are embedded' });
  embedded.length = 0;
  const [vector] = await words.embed(['the hills at dusk']);
  const embeddings = [{ text: 'the hills at dusk', vector: [...vector!] }];
  expect(await studio.as('admin').admin.warmup({ embeddings })).toMatchObject({ embeddings: 1 });
  await scene.search({ projectId, query: 'the hills at dusk' });
  expect(embedded).toEqual([]);
  expect(await studio.as('admin').admin.warmup({ embeddings })).toMatchObject({ embeddings: 0 });
});

it('counts as new only what a cache that is on has taken', async () => {
  const { setCacheEnabled, warmup } = studio.as('admin').admin;
  const [vector] = await words.embed(['the sea at noon']);
  const given = {
    embeddings: [{ text: 'the sea at noon', vector: [...vector!] }],
    answers: [{ projectId, prompt: 'make the first scene 3 seconds long', intent: intentFor(2) }],
  };
  for (const name of ['embeddings', 'decision.make']) {
    await setCacheEnabled({ cache: name, enabled: false });
  }
  expect(await warmup(given)).toEqual({ embeddings: 0, answers: 0 });
  for (const name of ['embeddings', 'decision.make']) {
    await setCacheEnabled({ cache: name, enabled: true });
  }
});

it('is seen by an admin: of which model, how much is kept, and how often it answered', async () => {
  const { embeddings, decisions } = await studio.as('admin').admin.cacheStats();
  expect(embeddings).toMatchObject({ model: 'words', provider: 'test', dimensions: 48 });
  expect(decisions).toMatchObject({ model: 'classes', provider: 'model' });
  // Three scenes, a search that was embedded, and one that was given; a vector is 192 bytes.
  expect(embeddings.kept.entries).toBe(5);
  expect(embeddings.kept.bytes).toBeGreaterThan(5 * 192);
  expect(embeddings.kept.hits).toBeGreaterThan(0);
  expect(decisions.kept).toMatchObject({ entries: 1, hits: 4 });
});

it('refuses a vector of another length, an intent that is none, and a project that is not there', async () => {
  const { warmup } = studio.as('admin').admin;
  const bad = { code: 'BAD_REQUEST' };
  await expect(warmup({ embeddings: [{ text: 'a', vector: [1, 0] }] })).rejects.toMatchObject(bad);
  const answer = { projectId, prompt: 'p', intent: { ...intentFor(1), confidence: 2 } };
  await expect(warmup({ answers: [answer] })).rejects.toMatchObject(bad);
  const nowhere = { ...answer, projectId: crypto.randomUUID(), intent: intentFor(1) };
  await expect(warmup({ answers: [nowhere] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

/** Scenes by meaning, with the model that ships: what people would look for in the seeded projects. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedScenes } from '../../src/db/seed/scenes.ts';
import { EmbedderError, type Embedder } from '../../src/services/embeddings/embedder.ts';
import { createWorkerEmbedder } from '../../src/services/embeddings/worker-embedder.ts';
import { createStudio, type Studio } from '../domain/fixture.ts';

const off = { wrongMax: 0.01, ttlMs: 1_000 };

describe('scene.search', () => {
  let studio: Studio;
  let projectId: string;
  let embedded = 0;
  const local = createWorkerEmbedder({ timeoutMs: 60_000 });
  const embedder: Embedder = {
    ...local,
    embed(texts, signal) {
      embedded += texts.length;
      return local.embed(texts, signal);
    },
  };
  const search = (query: string, limit = 3) =>
    studio.as('owner').scene.search({ projectId, query, limit });

  beforeAll(async () => {
    studio = await createStudio({ reuse: { ...off, embedder } });
    const owner = studio.as('owner');
    ({ id: projectId } = await owner.project.create({ name: 'Both' }));
    for (const { name, type, tsxCode, props, durationMs } of seedScenes()) {
      const scene = { projectId, name, type, tsxCode, durationMs };
      await owner.scene.create({ ...scene, props: props as Record<string, string> });
    }
  }, 60_000);
  afterAll(async () => {
    await studio[Symbol.asyncDispose]();
    await local.close();
  });

  it.each([
    ['a quote from a client', 'Customer voice'],
    ['meteors', 'Perseids'],
    ['the planets of the solar system', 'Planets'],
    ['how the moon changes its shape', 'Moon phases'],
    ['how much it costs and when it goes on sale', 'Countdown'],
  ])('finds by meaning: %s', async (query, name) => {
    const found = await search(query);
    expect(found.map(({ scene }) => scene.name)).toContain(name);
    const scores = found.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('embeds each text once, and again only what has changed', async () => {
    const [first] = await studio.as('owner').scene.list({ projectId });
    await search('planets');
    embedded = 0;
    await search('planets');
    expect(embedded).toBe(0);
    await search('planets', 4);
    expect(embedded).toBe(0);
    const where = { projectId, sceneId: first!.id };
    await studio.as('owner').scene.update({ ...where, name: 'A giraffe in the zoo' });
    const [best] = await search('animals', 1);
    expect(best?.scene).toMatchObject({ name: 'A giraffe in the zoo' });
    expect(embedded).toBe(2);
  });

  it('says so when nothing can be embedded', async () => {
    const dead: Embedder = {
      ...embedder,
      embed: () => Promise.reject(new EmbedderError('unavailable', 'The embedder is away')),
    };
    await using without = await createStudio({ beside: studio, reuse: { ...off, embedder: dead } });
    const asked = without.as('owner').scene.search({ projectId, query: 'planets' });
    await expect(asked).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

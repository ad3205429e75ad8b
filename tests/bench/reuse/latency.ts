/** What a look-up costs: exact, and similar at 10,000 entries with the local model in its thread. */
import { createHash, randomUUID } from 'node:crypto';
import { createSimilarLog, type NewSimilarRow } from '../../../src/db/queries/similar.ts';
import { createReader } from '../../../src/db/read.ts';
import { equivalenceOf } from '../../../src/services/brain/index.ts';
import { unit } from '../../../src/services/embeddings/embedder.ts';
import { createWorkerEmbedder } from '../../../src/services/embeddings/worker-embedder.ts';
import { createSimilarTier } from '../../../src/services/reuse/index.ts';
import { systemClock } from '../../../src/cache/coherence/index.ts';
import { similarLog } from '../../../src/db/schema/index.ts';
import { createStudio } from '../../domain/fixture.ts';
import { addTeam } from '../../domain/people.ts';
import { seeded } from '../decisions/data.ts';
import { quantile } from '../harness.ts';
import { createStream } from './prompts.ts';
import { freshIntent } from './paid-endpoint.ts';

const ENTRIES = 10_000;
const LOOKS = 400;
const CONTEXT = { projectType: 'video', sceneCount: 7, lastSceneType: 'diagram' };
const MODEL = { model: 'm', endpoint: 'e', version: '1' };

export interface LatencyFigures {
  readonly exactMs: { readonly p50: number; readonly p95: number };
  readonly similarMs: { readonly p50: number; readonly p95: number };
  readonly entries: number;
  /** Until a new process had read the log. */
  readonly startMs: number;
  readonly rssMb: number;
}

export async function measureLatency(databaseUrl: string): Promise<LatencyFigures> {
  await using studio = await createStudio({ databaseUrl, clock: systemClock, leaseMs: 2_000 });
  const exactMs = await exactLookUps(studio);
  const embedder = createWorkerEmbedder();
  try {
    await embedder.embed(['loads the model']);
    const { db } = createReader(studio.sql);
    const log = createSimilarLog({ db, write: studio.sql });
    const tier = createSimilarTier({ brain: MODEL, embedder, log, wrongMax: 0.01, ttlMs: 3.6e6 });
    const stream = createStream(1);
    const question = (prompt: string) => ({
      prompt,
      context: CONTEXT,
      scope: 's',
      ownerId: studio.people.owner.id,
      named: [],
      isRefused: false,
    });
    const ask = async (prompt: string) => ({
      intent: await freshIntent(prompt, CONTEXT),
      tokens: 1,
    });
    // One as the tier writes it tells where the others belong.
    await tier.decide(question('warm up the embedder'), () => ask('list the scenes'));
    const [first] = await studio.services.db.select().from(similarLog).limit(1);
    if (!first) throw new Error('the tier has logged nothing');
    await fill(studio, first, embedder.dimensions);
    const began = performance.now();
    while (tier.status().entries < ENTRIES - 1) {
      await tier.decide(question('is it there yet'), () => ask('list the scenes'));
    }
    const startMs = performance.now() - began;
    const took: number[] = [];
    for (let count = 0; count < LOOKS; count += 1) {
      const { prompt } = stream.next();
      let askedAt = 0;
      const lookedAt = performance.now();
      await tier.decide(question(prompt), async () => {
        askedAt = performance.now();
        return ask(prompt);
      });
      if (askedAt > 0) took.push(askedAt - lookedAt);
    }
    const { entries } = tier.status();
    const rssMb = process.memoryUsage.rss() / 2 ** 20;
    return { exactMs, similarMs: spreadOf(took), entries, startMs, rssMb };
  } finally {
    await embedder.close();
  }
}

const spreadOf = (ms: number[]) => ({ p50: quantile(ms, 0.5), p95: quantile(ms, 0.95) });

type OpenStudio = Awaited<ReturnType<typeof createStudio>>;

/** Only the cache's part of `decision.make`: it also reads the project and writes the decision. */
async function exactLookUps(studio: OpenStudio) {
  const { projectId } = await addTeam(studio);
  const { cache } = studio.services;
  const took: number[] = [];
  const timed = {
    ...cache,
    async read(...[definition, args]: Parameters<typeof cache.read>) {
      const began = performance.now();
      const answer = await cache.read(definition, args);
      if (definition.name === 'decision.make' && answer.outcome === 'hit') {
        took.push(performance.now() - began);
      }
      return answer;
    },
  } as typeof cache;
  Object.assign(studio.services, { cache: timed });
  for (let count = 0; count < LOOKS; count += 1) {
    await studio
      .as('owner')
      .decision.make({ projectId, prompt: 'make the last scene 1 second longer' });
  }
  Object.assign(studio.services, { cache });
  return spreadOf(took);
}

/** Rows as the tier writes them, with vectors by chance: how near they are costs no time. */
async function fill(studio: OpenStudio, first: NewSimilarRow, dimensions: number): Promise<void> {
  const random = seeded(5);
  const stream = createStream(2);
  const rows: NewSimilarRow[] = [];
  for (let count = 1; count < ENTRIES; count += 1) {
    const { prompt } = stream.next();
    const intent = await freshIntent(prompt, CONTEXT);
    const vector = unit(Float32Array.from({ length: dimensions }, () => random() - 0.5));
    const { id: _id, createdAt: _createdAt, ...same } = { id: 0, ...first };
    rows.push({
      ...same,
      judge: randomUUID(),
      prompt: `${prompt} ${createHash('sha256').update(String(count)).digest('hex').slice(0, 6)}`,
      answer: equivalenceOf(intent),
      intent,
      votesOnly: false,
      decisionId: randomUUID(),
      vector: new Uint8Array(vector.buffer),
    });
  }
  for (let at = 0; at < rows.length; at += 500) {
    const some = rows.slice(at, at + 500);
    await studio.services.write((tx) => tx.insert(similarLog).values(some));
  }
}

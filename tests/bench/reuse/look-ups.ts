/** The process behind latency.ts. */
import { createReader } from '../../../src/db/read.ts';
import { createSimilarLog } from '../../../src/db/queries/similar.ts';
import { systemClock } from '../../../src/cache/coherence/index.ts';
import { factsOf } from '../../../src/cache/similar/index.ts';
import { placesIn } from '../../../src/services/brain/rule-words.ts';
import { createWorkerEmbedder } from '../../../src/services/embeddings/worker-embedder.ts';
import { createSimilarTier } from '../../../src/services/reuse/index.ts';
import { createStudio, type Studio } from '../../domain/fixture.ts';
import { addTeam } from '../../domain/people.ts';
import { quantile } from '../harness.ts';
import { CONTEXT, ENTRIES, NAMES, questionOf, TIER, type LatencyFigures } from './latency.ts';
import { freshIntent } from './paid-endpoint.ts';
import { createStream, type Stream } from './prompts.ts';

const LOOKS = 400;

async function measure(databaseUrl: string): Promise<LatencyFigures> {
  await using studio = await createStudio({ databaseUrl, clock: systemClock, leaseMs: 2_000 });
  // Node's loader leaves 180 MB behind for drizzle-orm's modules, which no server needs again.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const exactMs = await exactLookUps(studio);
  const embedder = createWorkerEmbedder();
  try {
    await embedder.embed(['loads the model']);
    const { db } = await createReader(studio.sql);
    const log = createSimilarLog({ db, write: studio.sql });
    const tier = createSimilarTier({ ...TIER, embedder, log });
    const ask = async (prompt: string) => ({
      intent: await freshIntent(prompt, CONTEXT),
      tokens: 1,
    });
    const began = performance.now();
    while (tier.status().entries < ENTRIES) {
      await tier.decide(questionOf('is it there yet'), () => ask('list the scenes'));
    }
    const startMs = performance.now() - began;
    const stream = createStream(1);
    const took: number[] = [];
    for (let count = 0; count < LOOKS; count += 1) {
      const prompt = nextPlain(stream);
      let askedAt = 0;
      const lookedAt = performance.now();
      await tier.decide(questionOf(prompt), async () => {
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

/** Without facts, as are all that is stored: they are on one shelf, which is as large as one gets. */
function nextPlain(stream: Stream): string {
  for (;;) {
    const { prompt } = stream.next(NAMES);
    if (factsOf(prompt) === '' && placesIn(prompt).length === 0) return prompt;
  }
}

const spreadOf = (ms: number[]) => ({ p50: quantile(ms, 0.5), p95: quantile(ms, 0.95) });

/** Only the cache's part of `decision.make`: it also reads the project and writes the decision. */
async function exactLookUps(studio: Studio) {
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
  const prompt = 'make the last scene 1 second longer';
  for (let count = 0; count < LOOKS; count += 1) {
    await studio.as('owner').decision.make({ projectId, prompt });
  }
  Object.assign(studio.services, { cache });
  return spreadOf(took);
}

const figures = await measure(process.argv[2] ?? '');
process.send?.(figures, () => process.disconnect());

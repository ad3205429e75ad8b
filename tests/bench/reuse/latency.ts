/** What a look-up costs, and what memory: in a process of its own, on a log of 10,000 entries. */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { openDatabase } from '../../../src/db/client.ts';
import { createSimilarLog, type NewSimilarRow } from '../../../src/db/queries/similar.ts';
import { createReader } from '../../../src/db/read.ts';
import { similarLog } from '../../../src/db/schema/index.ts';
import { equivalenceOf } from '../../../src/services/brain/index.ts';
import { unit } from '../../../src/services/embeddings/embedder.ts';
import { DIMENSIONS, LOCAL_EMBEDDER_ID } from '../../../src/services/embeddings/local-embedder.ts';
import { createSimilarTier } from '../../../src/services/reuse/index.ts';
import { drizzle } from 'drizzle-orm/postgres-js';
import { seeded } from '../decisions/data.ts';
import { freshIntent } from './paid-endpoint.ts';
import { createStream } from './prompts.ts';

export const ENTRIES = 10_000;
export const CONTEXT = { projectType: 'video', sceneCount: 7, lastSceneType: 'diagram' };
/** Of the film's scenes. */
export const NAMES = ['Features', 'Orion', 'Planets', 'Countdown', 'Perseids'];
export const TIER = {
  brain: { model: 'm', endpoint: 'e', version: '1' },
  wrongMax: 0.01,
  ttlMs: 3.6e6,
};
/** Rows of one statement. */
const CHUNK = 500;
const FIRST_TRIES = 20;

interface Spread {
  readonly p50: number;
  readonly p95: number;
}

export interface LatencyFigures {
  readonly exactMs: Spread;
  readonly similarMs: Spread;
  readonly entries: number;
  /** Until a new process had read the log. */
  readonly startMs: number;
  /** Of the process that looks up: the studio without HTTP, and the embedder's thread. */
  readonly rssMb: number;
}

export const questionOf = (prompt: string) => ({
  prompt,
  context: CONTEXT,
  scope: 's',
  ownerId: null,
  named: [],
  isRefused: false,
});

export async function measureLatency(databaseUrl: string): Promise<LatencyFigures> {
  await fill(databaseUrl);
  const child = fork(new URL('look-ups.ts', import.meta.url), [databaseUrl], {
    serialization: 'advanced',
    execArgv: ['--expose-gc'],
  });
  const [figures] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the process that looks up ended with ${String(code)}`);
    }),
  ])) as [LatencyFigures];
  await once(child, 'exit');
  return figures;
}

/** Rows as the tier writes them, with vectors by chance: how near they are costs no time. */
async function fill(databaseUrl: string): Promise<void> {
  const database = openDatabase({
    url: databaseUrl,
    readConnectionsMax: 2,
    writeConnectionsMax: 2,
  });
  try {
    const first = await firstRow(
      createSimilarLog({
        db: (await createReader(database.read)).db,
        write: database.write,
      }),
    );
    const random = seeded(5);
    const vector = () =>
      new Uint8Array(unit(Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5)).buffer);
    const stream = createStream(2);
    const writer = drizzle(database.write);
    for (let at = 0; at < ENTRIES; at += CHUNK) {
      const rows: NewSimilarRow[] = [];
      for (let count = at; count < at + CHUNK; count += 1) {
        const { prompt } = stream.next(NAMES);
        const intent = await freshIntent(prompt, CONTEXT);
        rows.push({
          ...first,
          judge: randomUUID(),
          prompt: `${prompt} ${count}`,
          answer: equivalenceOf(intent),
          intent,
          votesOnly: false,
          decisionId: randomUUID(),
          vector: vector(),
        });
      }
      await writer.insert(similarLog).values(rows);
    }
  } finally {
    await database.close();
  }
}

/** One that the tier itself writes tells where the others belong. */
async function firstRow(log: ReturnType<typeof createSimilarLog>): Promise<NewSimilarRow> {
  let written: NewSimilarRow | undefined;
  const tier = createSimilarTier({
    ...TIER,
    log: {
      ...log,
      async append(row) {
        written = row;
        return 1;
      },
    },
    embedder: {
      id: LOCAL_EMBEDDER_ID,
      dimensions: DIMENSIONS,
      model: 'none',
      provider: 'none',
      wordsMax: 100,
      embed: async () => [new Float32Array(DIMENSIONS)],
      close: async () => undefined,
    },
  });
  const prompt = 'list the scenes';
  const intent = await freshIntent(prompt, CONTEXT);
  // On a busy machine the log may be late, and nothing is compared then.
  for (let tries = 0; !written && tries < FIRST_TRIES; tries += 1) {
    await tier.decide(questionOf(prompt), async () => ({ intent, tokens: 1 }));
  }
  if (!written) throw new Error('the tier has logged nothing');
  return written;
}

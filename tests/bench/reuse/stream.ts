/**
 * The real thing: prompts on 20 seeded projects of one owner, over HTTP, decided by a paid endpoint and
 * applied now and then, so that what is decided on changes under way. A reuse is wrong when its
 * intent is not equivalent to what the provider decides on the same prompt.
 */
import postgres from 'postgres';
import { seedScenes } from '../../../src/db/seed/scenes.ts';
import { equivalenceOf, type Intent } from '../../../src/services/brain/index.ts';
import { startTestServer } from '../../fixtures/server.ts';
import { seeded } from '../decisions/data.ts';
import { createPaidEndpoint, freshIntent } from './paid-endpoint.ts';
import { createStream } from './prompts.ts';

const PROJECTS = 20;
/** Of what can be applied. */
const APPLIED = 0.25;
/** Prompts that a person has for one film before going on to another. */
const SESSION = 20;
const LATE = 1_000;

export interface StreamOptions {
  readonly databaseUrl: string;
  readonly prompts: number;
  readonly wrongMax: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface StreamFigures {
  readonly prompts: number;
  /** Word for word as before, wherever that was. */
  readonly repeats: number;
  readonly exact: number;
  readonly similar: number;
  /** Decisions that the endpoint was asked for. */
  readonly calls: number;
  /** Share of the last 1,000 prompts for which it was not asked. */
  readonly savedLate: number;
  /** Of exact and similar reuses together. */
  readonly wrong: number;
  readonly applied: number;
  readonly shadow: boolean;
}

export async function runStream(options: StreamOptions): Promise<StreamFigures> {
  const { databaseUrl, prompts, wrongMax, seed, say } = options;
  await using endpoint = await createPaidEndpoint();
  await using server = await startTestServer({
    databaseUrl,
    env: {
      AI_BASE_URL: endpoint.url,
      AI_MODEL: 'paid-rules',
      AI_REUSE_MAX_WRONG: String(wrongMax),
    },
  });
  const { client } = await server.signUp('owner');
  const projectIds: string[] = [];
  const seeds = [...Map.groupBy(seedScenes(), ({ project }) => project).values()];
  for (let index = 0; index < PROJECTS; index += 1) {
    const { id: projectId } = await client.project.create.mutate({
      name: `Film ${index}`,
      type: 'video',
    });
    projectIds.push(projectId);
    for (const { name, type, tsxCode, props, durationMs } of seeds[index % seeds.length] ?? []) {
      const scene = { projectId, name, type, tsxCode, durationMs };
      await client.scene.create.mutate({ ...scene, props: props as Record<string, string> });
    }
  }
  const stream = createStream(seed);
  const random = seeded(seed + 1);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  const figures = { exact: 0, similar: 0, wrong: 0, applied: 0, repeats: 0 };
  const asked = new Map<string, string>();
  const late = Math.min(LATE, prompts);
  let callsBefore = 0;
  let projectId = '';
  try {
    for (let count = 0; count < prompts; count += 1) {
      if (count === prompts - late) callsBefore = endpoint.calls();
      if (count % SESSION === 0) projectId = projectIds[Math.floor(random() * PROJECTS)]!;
      const scenes = await client.scene.list.query({ projectId });
      const { prompt, isRepeat } = stream.next(scenes.map(({ name }) => name));
      if (isRepeat) figures.repeats += 1;
      const made = await client.decision.make.mutate({ projectId, prompt });
      asked.set(made.id, prompt);
      if (made.reuse !== 'none') figures[made.reuse] += 1;
      if (made.operation !== 'answer' && random() < APPLIED) {
        await client['decision.apply'].mutate({ projectId, decisionId: made.id });
        figures.applied += 1;
      }
      if (count % 100 === 99) say(`${count + 1} of ${prompts} prompts, ${endpoint.calls()} calls`);
    }
    figures.wrong = await countWrong(sql, asked);
  } finally {
    await sql.end();
  }
  return {
    ...figures,
    prompts,
    calls: endpoint.calls(),
    savedLate: 1 - (endpoint.calls() - callsBefore) / late,
    shadow: server.services.similar?.status().shadow ?? true,
  };
}

/** Each reused intent, from the log, beside what the provider says to the prompt. */
async function countWrong(sql: postgres.Sql, asked: ReadonlyMap<string, string>): Promise<number> {
  const reused = await sql<{ id: string; intent: Intent }[]>`
    SELECT d.id, coalesce(origin.intent, row.intent) AS intent
      FROM decisions d JOIN similar_log row ON row.id = d.similar_id
      LEFT JOIN similar_log origin ON row.kind = 'reuse' AND origin.id = row.entry_id
     WHERE d.reuse <> 'none'`;
  let wrong = 0;
  for (const { id, intent } of reused) {
    // Rules look at the prompt alone.
    const context = { projectType: 'video', sceneCount: 0, lastSceneType: null };
    const fresh = await freshIntent(asked.get(id)!, context);
    if (equivalenceOf(fresh) !== equivalenceOf(intent)) wrong += 1;
  }
  return wrong;
}

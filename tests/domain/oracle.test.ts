/**
 * The promise as a property: whatever people do, in whatever order and at once, every cached
 * procedure answers each of them what it would answer without any cache.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBuilder, type Builder } from '../../src/services/builder/index.ts';
import { PATIENCE_MS } from '../builder/builder-fixture.ts';
import { askAll, findStale } from './answers.ts';
import { BEHIND_THE_BACK } from './behind-the-back.ts';
import { createSlowClock } from './clock.ts';
import { createStudio, type Studio } from './fixture.ts';
import { addTeam } from './people.ts';
import { addTalk } from './personality-world.ts';
import { batch, run, type Step, type WorldPlace } from './steps.ts';

/** Alone it takes about a minute; where others work as well, several times that. */
const TEST_MS_MAX = 900_000;
/** Steps of all runs together, at least. */
const STEPS_MIN = 2_000;
/** One sequence, on a database of its own. */
const BATCHES_MAX = 40;
/** `FC_SEED` repeats a run that failed: the seed is printed each time. */
const SEED = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);
/** Builds are compared after every so many batches: those that fail are built each time. */
const BUILDS_EVERY = 5;

const moment = fc.record({
  steps: batch,
  /** Also what is read during the steps, so that loads race with writes. */
  reads: fc.boolean(),
  /** Not always, so that some of what the next steps change is cold. */
  compare: fc.nat(9).map((n) => n > 0),
  behindTheBack: fc
    .nat(9)
    .chain((n) => (n === 0 ? fc.nat(BEHIND_THE_BACK.length - 1) : fc.constant(null))),
  /** How one lease passes: by a renewal, or by the clock alone. */
  byTheClock: fc.boolean(),
});
type Moment = typeof moment extends fc.Arbitrary<infer M> ? M : never;

let builder: Builder;
beforeAll(() => {
  builder = createBuilder({ workersMax: 1, transformMsMax: PATIENCE_MS });
});
afterAll(() => builder.close());

async function placesOf(studio: Studio, gone: readonly WorldPlace[]): Promise<WorldPlace[]> {
  const rows = await studio.sql<WorldPlace[]>`
    SELECT p.id AS "projectId", p.owner_id AS "ownerId",
           coalesce(array_agg(s.id ORDER BY s.position) FILTER (WHERE s.id IS NOT NULL), '{}') AS "sceneIds"
      FROM projects p LEFT JOIN scenes s ON s.project_id = p.id
     GROUP BY p.id ORDER BY p.created_at, p.id`;
  const there = new Set(rows.map(({ projectId }) => projectId));
  return [...rows, ...gone.filter(({ projectId }) => !there.has(projectId)).slice(-1)];
}

interface Counts {
  steps: number;
  done: number;
  compared: number;
  behindTheBack: number;
  kinds: Record<string, number>;
}

async function play(moments: readonly Moment[], counts: Counts): Promise<void> {
  const clock = createSlowClock();
  await using studio = await createStudio({ clock, builder });
  await addTeam(studio);
  await addTalk(studio);
  const other = await studio.as('outsider').project.create({ name: 'Other' });
  await studio
    .as('outsider')
    .scene.create({ projectId: other.id, name: 'o', type: 't', tsxCode: 'export default () => 1' });
  let places = await placesOf(studio, []);

  for (const [index, { steps, reads, compare, behindTheBack, byTheClock }] of moments.entries()) {
    const world = { studio, places };
    const during = reads ? askAll((who) => studio.as(who), { places, builds: false }) : undefined;
    const done = await Promise.all(steps.map((step: Step) => run(world, step)));
    await during;
    counts.steps += steps.length;
    counts.done += done.filter(Boolean).length;
    for (const [at, { kind }] of steps.entries()) {
      if (done[at]) counts.kinds[kind] = (counts.kinds[kind] ?? 0) + 1;
    }
    if (behindTheBack !== null) {
      await studio.sql.unsafe(BEHIND_THE_BACK[behindTheBack]!);
      counts.behindTheBack += 1;
      if (byTheClock) clock.advance(studio.leaseMs);
      else await studio.renewed();
    }
    places = await placesOf(studio, places);
    if (!compare) continue;
    const builds = index % BUILDS_EVERY === 0;
    counts.compared += 1;
    const stale = await findStale(studio, { places, builds });
    expect(stale, `after ${JSON.stringify(steps)}`).toEqual([]);
  }
}

/** The moments themselves would fill pages, and their seed gives them again. */
function explain(result: fc.RunDetails<[Moment[]]>, seed: number): void {
  if (!result.failed) return;
  throw new Error(`repeat with FC_SEED=${seed}`, { cause: result.errorInstance });
}

it(
  'every cached answer equals the uncached one, whatever happened before',
  async () => {
    console.log(`oracle: FC_SEED=${SEED}`);
    const counts: Counts = { steps: 0, done: 0, compared: 0, behindTheBack: 0, kinds: {} };
    const startedMs = performance.now();
    let runs = 0;
    while (counts.steps < STEPS_MIN) {
      const moments = fc.array(moment, { minLength: BATCHES_MAX, maxLength: BATCHES_MAX });
      const check = (seed: number) =>
        fc.assert(
          fc.asyncProperty(moments, (given) => play(given, counts)),
          { numRuns: 1, seed, endOnFailure: true, reporter: (result) => explain(result, seed) },
        );
      // Two at a time: while one waits for PostgreSQL the other computes.
      await Promise.all([check(SEED + runs), check(SEED + runs + 1)]);
      runs += 2;
    }
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    console.log(`oracle: ${runs} runs in ${seconds} s, ${JSON.stringify(counts)}`);
  },
  TEST_MS_MAX,
);

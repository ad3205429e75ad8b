/** One run of the analyzer, however many ask and wherever. */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cache/coherence/index.ts';
import type { Analysis } from '../../src/db/schema/index.ts';
import { seed } from '../../src/db/seed.ts';
import type { Analyzer } from '../../src/services/analyzer/index.ts';
import { createStudio, type StudioOptions } from '../domain/fixture.ts';
import { addTeam } from '../domain/people.ts';

const ANALYSIS: Analysis = {
  traits: { warmth: 0.5 },
  communicationStyle: 'balanced',
  interests: [],
  expertise: 'general',
  tone: 'neutral',
  pace: 'moderate',
  confidence: 0.5,
  evidence: {},
  schemaVersion: 1,
};

/** Holds each run until it is told what to answer. */
function heldAnalyzer() {
  const runs: PromiseWithResolvers<Analysis>[] = [];
  let begun = Promise.withResolvers<void>();
  return {
    runs,
    begun: () => begun.promise,
    analyzer: {
      name: 'held',
      timeoutMs: 10_000,
      analyze() {
        const run = Promise.withResolvers<Analysis>();
        runs.push(run);
        begun.resolve();
        begun = Promise.withResolvers<void>();
        return run.promise;
      },
    } satisfies Analyzer,
  };
}

async function held(options: StudioOptions = {}) {
  const { analyzer, runs, begun } = heldAnalyzer();
  const studio = await createStudio({ ...options, analyzer });
  const service = studio.services.personality;
  const { analyze } = service;
  let asked = 0;
  service.analyze = (userId, how) => {
    asked += 1;
    return analyze(userId, how);
  };
  return {
    studio,
    personality: studio.as('owner').personality,
    runs,
    begun,
    /** Who asks by force has joined the run by then. */
    async asked(times: number) {
      await expect.poll(() => asked).toBe(times);
    },
    [Symbol.asyncDispose]: () => studio[Symbol.asyncDispose](),
  };
}

describe('one run', () => {
  it('answers all who ask in a process', async () => {
    await using on = await held();
    const first = on.begun();
    const asked = Array.from({ length: 50 }, () => on.personality.analyze({ force: true }));
    await first;
    await on.asked(50);
    on.runs[0]!.resolve(ANALYSIS);
    const answers = await Promise.all(asked);
    expect(on.runs).toHaveLength(1);
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([1]));
    expect(answers.every(({ status }) => status === 'fresh')).toBe(true);
  });

  it('answers those in another process, too', async () => {
    const lease = { clock: systemClock, leaseMs: 400 };
    await using here = await held(lease);
    await using there = await held({ ...lease, beside: here.studio });
    const begun = here.begun();
    const first = here.personality.analyze();
    await begun;
    const second = there.personality.analyze({ force: true });
    await there.asked(1);
    here.runs[0]!.resolve(ANALYSIS);
    expect(await second).toMatchObject({ status: 'fresh', version: 1 });
    expect(await second).toEqual(await first);
    expect([here.runs.length, there.runs.length]).toEqual([1, 0]);
  });

  it('that fails is told, keeps nothing, and leaves the way free', async () => {
    await using on = await held();
    const failing = on.begun();
    const failed = Promise.allSettled(
      Array.from({ length: 2 }, () => on.personality.analyze({ force: true })),
    );
    await failing;
    await on.asked(2);
    on.runs[0]!.reject(new Error('the model is away'));
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await on.personality.get()).toMatchObject({ status: 'missing' });
    const again = on.begun();
    const second = on.personality.analyze();
    await again;
    on.runs[1]!.resolve(ANALYSIS);
    expect(await second).toMatchObject({ status: 'fresh' });
  });

  it('needs nothing but the tables of the personality itself', async () => {
    await using on = await held();
    await on.studio.sql`DROP TABLE cache_claims`;
    const begun = on.begun();
    const run = on.personality.analyze();
    await begun;
    on.runs[0]!.resolve(ANALYSIS);
    expect(await run).toMatchObject({ status: 'fresh', version: 1 });
  });

  it('does not undo what was saved meanwhile', async () => {
    await using on = await held();
    const begun = on.begun();
    const run = on.personality.analyze();
    await begun;
    await on.personality.save({ analysis: { tone: 'dry' } });
    on.runs[0]!.resolve(ANALYSIS);
    expect(await run).toMatchObject({ version: 1, analysis: { tone: 'dry' } });
  });
});

describe('no run', () => {
  it('is made while the stored analysis is fresh, unless forced; a confirmation is no new version', async () => {
    await using on = await held();
    const analyze = async (force: boolean, analysis = ANALYSIS) => {
      const before = on.runs.length;
      const begun = on.begun();
      const answer = on.personality.analyze({ force });
      await Promise.race([begun, answer]);
      on.runs[before]?.resolve(analysis);
      const { status, version } = await answer;
      return { status, version, ran: on.runs.length - before };
    };
    expect(await analyze(false)).toEqual({ status: 'fresh', version: 1, ran: 1 });
    expect(await analyze(false)).toEqual({ status: 'fresh', version: 1, ran: 0 });
    expect(await analyze(true)).toEqual({ status: 'fresh', version: 1, ran: 1 });
    await on.personality.invalidate();
    expect(await on.personality.get()).toMatchObject({ status: 'stale' });
    const warmer = { ...ANALYSIS, tone: 'positive' };
    expect(await analyze(false, warmer)).toEqual({ status: 'fresh', version: 2, ran: 1 });
  });
});

describe('the text analyzer', () => {
  it("reads what the demo's user wrote, and nobody else's", async () => {
    await using studio = await createStudio();
    await seed(studio.services.write);
    const [user] = await studio.sql<
      { id: string }[]
    >`SELECT id FROM users WHERE email = 'demo@example.com'`;
    const demo = { id: user!.id, email: 'demo@example.com', username: 'demo', name: 'Demo' };
    const { analysis } = await studio.as({ ...demo, role: 'user' }).personality.analyze();
    const [written] = await studio.sql<{ messages: number; conversations: number }[]>`
      SELECT count(*)::int AS messages, count(DISTINCT conversation_id)::int AS conversations
        FROM messages WHERE role = 'user'`;
    expect(analysis?.evidence).toMatchObject({ ...written });
    expect(analysis?.confidence).toBeGreaterThan(0.7);
    expect(analysis?.interests).toContain('scene');
    expect(analysis?.evidence).toMatchObject({ decisions: 0, projects: 0 });
    const { analysis: nobodys } = await studio.as('owner').personality.analyze();
    expect(nobodys).toMatchObject({ confidence: 0, evidence: { messages: 0 } });
  });

  it('reads what somebody decided, and what is new of that in the next analysis', async () => {
    await using studio = await createStudio();
    const { projectId } = await addTeam(studio);
    const { decision, personality } = studio.as('editor');
    await decision.make({ projectId, prompt: 'Please make the last scene 1 second longer!' });
    const first = await personality.analyze();
    expect(first.analysis?.evidence).toMatchObject({
      messages: 0,
      decisions: 1,
      projects: 1,
      polite: 1,
    });
    // 7 words: 7 ÷ 307
    expect(first.analysis?.confidence).toBe(0.023);
    await decision.make({ projectId, prompt: 'How many scenes are there?' });
    expect((await personality.get()).analysis).toEqual(first.analysis);
    const second = await personality.analyze({ force: true });
    expect(second.analysis?.evidence).toMatchObject({ decisions: 2, projects: 1, questions: 1 });
    expect(second.version).toBe(2);
  });
});

/** Decisions by way of the similar tier, in PostgreSQL: reused, rated, and shared by processes. */
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { createStudio, type Studio } from '../domain/fixture.ts';
import { addTeam } from '../domain/people.ts';
import { seeded } from '../bench/decisions/data.ts';
import { createClassBrain, createWishes, createWordEmbedder, TOKENS } from './world.ts';

const TRAINING = 350;

const reuse = () => ({
  embedder: createWordEmbedder(),
  wrongMax: 0.05,
  ttlMs: 3_600_000,
  random: seeded(3),
});

describe('decision.make, with the similar tier', () => {
  let first: Studio;
  let projectId: string;
  const { brain, asked } = createClassBrain();
  beforeAll(async () => {
    first = await createStudio({ brain, reuse: reuse() });
    ({ projectId } = await addTeam(first));
    const { decision } = first.as('owner');
    const { wish } = createWishes(1);
    for (let count = 0; count < TRAINING; count += 1) {
      await decision.make({ projectId, prompt: wish().prompt });
    }
  }, 120_000);
  afterAll(() => first[Symbol.asyncDispose]());

  /** Asks until one is answered by likeness. */
  async function similarOne(studio: Studio, seed: number) {
    const { decision } = studio.as('owner');
    const { wish } = createWishes(seed);
    for (let count = 0; count < 200; count += 1) {
      const { prompt } = wish();
      const made = await decision.make({ projectId, prompt });
      if (made.reuse === 'similar') return { ...made, prompt };
    }
    throw new Error('nothing was reused');
  }

  it('says that it reused, from which decision, and what that saved', async () => {
    const made = await similarOne(first, 2);
    const { items } = await first.as('viewer').decision.history({ projectId, limit: 1 });
    expect(items[0]).toMatchObject({ id: made.id, operation: 'edit' });
    expect(made).toMatchObject({ operation: 'edit', tokensSaved: TOKENS, model: 'classes' });
    const [origin] =
      await first.sql`SELECT reuse, tokens FROM decisions WHERE id = ${made.basedOn!}`;
    expect(origin).toEqual({ reuse: 'none', tokens: TOKENS });
  });

  it('does not make certain what was reused by likeness', async () => {
    const { prompt } = await similarOne(first, 3);
    const again = await first.as('owner').decision.make({ projectId, prompt });
    // Judged anew: by likeness again, or asked. Never kept as if it had been the model's answer.
    expect(again.reuse).not.toBe('exact');
  });

  it('goes on in a process that starts later, which has learned nothing itself', async () => {
    await using second = await createStudio({ beside: first, brain, reuse: reuse() });
    await second.as('owner').decision.make({ projectId, prompt: 'starting' });
    await expect.poll(() => second.services.similar?.status().shadow).toBe(false);
    expect((await similarOne(second, 4)).reuse).toBe('similar');
  });

  it('is asked again for what was rated bad, also by others and in other processes', async () => {
    const { id, prompt } = await similarOne(first, 5);
    // Not before: with it each write waits for a lease.
    await using second = await createStudio({ beside: first, brain, reuse: reuse() });
    const rate = { decisionId: id, verdict: 'bad' as const };
    expect(await first.as('editor').decision.rate(rate)).toEqual({ ok: true });
    const [refuted] = await first.sql`
      SELECT l.kind, l.entry_id = r.entry_id AS "theEntry", l.features = r.features AS "itsEvidence"
        FROM similar_log l, decisions d JOIN similar_log r ON r.id = d.similar_id
       WHERE d.id = ${id} ORDER BY l.id DESC LIMIT 1`;
    expect(refuted).toEqual({ kind: 'refute', theEntry: true, itsEvidence: true });
    for (const studio of [second, first]) {
      asked.length = 0;
      const again = await studio.as('owner').decision.make({ projectId, prompt });
      expect(again.reuse).toBe('none');
      expect(asked).toEqual([prompt]);
    }
    expect((await first.as('owner').decision.make({ projectId, prompt })).reuse).toBe('exact');
    const { items } = await first.as('viewer').decision.history({ projectId, limit: 9 });
    expect(items.find((item) => item.id === id)).toMatchObject({ verdict: 'bad' });
  });

  it('tells an admin what it saved', async () => {
    const { decisions } = await first.as('admin').admin.cacheStats();
    const [row] = await first.sql`
      SELECT count(*) FILTER (WHERE reuse = 'similar')::int AS similar,
             count(*) FILTER (WHERE reuse = 'exact')::int AS exact,
             count(*) FILTER (WHERE reuse = 'none')::int AS made FROM decisions`;
    expect(decisions).toMatchObject({
      callsMade: row!.made,
      tokensPaid: row!.made * TOKENS,
      exact: { callsAvoided: row!.exact, tokensAvoided: row!.exact * TOKENS },
      similar: { callsAvoided: row!.similar, tokensAvoided: row!.similar * TOKENS },
      similarTier: { shadow: false, wrongMax: 0.05 },
    });
    const [audits] = await first.sql`
      SELECT count(*)::int AS n FROM similar_log WHERE kind = 'audit'`;
    expect(decisions.similar.audits).toBe(audits!.n);
    expect(decisions.prompts).toBe(row!.made + row!.exact + row!.similar);
  });

  it('counts a rating once, however often it is given', async () => {
    const { id } = await similarOne(first, 6);
    const refuted = async () =>
      (await first.sql`SELECT count(*)::int AS n FROM similar_log WHERE kind = 'refute'`)[0]!
        .n as number;
    const before = await refuted();
    const { decision } = first.as('owner');
    await decision.rate({ decisionId: id, verdict: 'good' });
    expect(await refuted()).toBe(before);
    await decision.rate({ decisionId: id, verdict: 'bad' });
    await decision.rate({ decisionId: id, verdict: 'bad' });
    expect(await refuted()).toBe(before + 1);
  });

  it('forgets what belongs to an account with it', async () => {
    const outsider = first.as('outsider');
    const { id: theirs } = await outsider.project.create({ name: 'Theirs' });
    await outsider.decision.make({ projectId: theirs, prompt: 'a prompt of theirs' });
    const kept = async () =>
      (
        await first.sql`SELECT count(*)::int AS n FROM similar_log WHERE prompt = 'a prompt of theirs'`
      )[0]!.n as number;
    expect(await kept()).toBe(1);
    await first.as('admin').admin.deleteUser({ userId: first.people.outsider.id });
    expect(await kept()).toBe(0);
  });
});

describe('whose answers are reused', () => {
  it('is for the owner to say: one project, all of theirs, or whoever shares', async () => {
    const { brain, asked } = createClassBrain();
    await using studio = await createStudio({ brain });
    const [owner, outsider] = [studio.as('owner'), studio.as('outsider')];
    const { id: one } = await owner.project.create({ name: 'One' });
    const { id: two } = await owner.project.create({ name: 'Two' });
    const { id: theirs } = await outsider.project.create({ name: 'Theirs' });
    const ask = async (prompt: string) => {
      const first = await owner.decision.make({ projectId: one, prompt });
      const inTwo = await owner.decision.make({ projectId: two, prompt });
      const elsewhere = await outsider.decision.make({ projectId: theirs, prompt });
      return [first.reuse, inTwo.reuse, elsewhere.reuse];
    };
    expect(await ask('a')).toEqual(['none', 'exact', 'none']);
    await owner.preferences.update({ reuseScope: 'project' });
    expect(await ask('b')).toEqual(['none', 'none', 'none']);
    await owner.preferences.update({ reuseScope: 'shared' });
    expect(await ask('c')).toEqual(['none', 'exact', 'none']);
    await outsider.preferences.update({ reuseScope: 'shared' });
    expect(await ask('d')).toEqual(['none', 'exact', 'exact']);
    expect(asked).toHaveLength(2 + 3 + 2 + 1);
  });

  it('ends where the scene that a prompt names is gone, or no longer the only one', async () => {
    const { brain, asked } = createClassBrain();
    await using studio = await createStudio({ brain });
    const { projectId, sceneIds } = await addTeam(studio);
    const { decision, scene } = studio.as('owner');
    const ask = async () => (await decision.make({ projectId, prompt: 'stretch scene 1' })).reuse;
    expect([await ask(), await ask()]).toEqual(['none', 'exact']);
    await scene.update({ projectId, sceneId: sceneIds[0]!, name: 'Scene 1' });
    expect(await ask()).toBe('none');
    for (const sceneId of sceneIds) await scene.update({ projectId, sceneId, name: 'Other' });
    expect(await ask()).toBe('none');
    expect(asked).toHaveLength(3);
  });

  it('is nobody after a bad rating: the prompt is asked anew', async () => {
    const { brain, asked } = createClassBrain();
    await using studio = await createStudio({ brain });
    const { projectId } = await addTeam(studio);
    const { decision } = studio.as('owner');
    const { id } = await decision.make({ projectId, prompt: 'p' });
    await decision.rate({ decisionId: id, verdict: 'good' });
    const kept = await decision.make({ projectId, prompt: 'p' });
    expect(kept.reuse).toBe('exact');
    await decision.rate({ decisionId: kept.id, verdict: 'bad' });
    expect((await decision.make({ projectId, prompt: 'p' })).reuse).toBe('none');
    expect(asked).toHaveLength(2);
  });
});

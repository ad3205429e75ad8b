/** The similar tier: what may answer whom, what is remembered, and that it never gets in the way. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { EmbedderError } from '../../src/services/embeddings/embedder.ts';
import { equivalenceOf, type Intent } from '../../src/services/brain/index.ts';
import {
  CONTEXT,
  createMemoryLog,
  createTier,
  createWishes,
  createWordEmbedder,
  intentFor,
  WRONG_MAX,
} from './world.ts';

/** Enough for a first fit, and for a threshold at δ = 5%. */
const TRAINING = 700;

const trained = createMemoryLog();
beforeAll(async () => {
  const { decide } = createTier({ log: trained });
  const { wish } = createWishes(1);
  for (let count = 0; count < TRAINING; count += 1) await decide(wish().prompt);
});

/** A process that starts on what others have learned; what it learns itself is its own. */
function process(options: Partial<Parameters<typeof createTier>[0]> = {}) {
  const log = createMemoryLog();
  log.rows.push(...trained.rows);
  return { ...createTier({ log, ...options }), log };
}

async function stream(
  decide: ReturnType<typeof createTier>['decide'],
  options: { seed: number; count: number; given?: Parameters<typeof decide>[1] },
) {
  const { wish } = createWishes(options.seed);
  let reused = 0;
  let wrong = 0;
  for (let count = 0; count < options.count; count += 1) {
    const { prompt, group } = wish();
    const { via, intent } = await decide(prompt, options.given);
    if (via === 'model') continue;
    reused += 1;
    if (equivalenceOf(intent) !== equivalenceOf(intentFor(group))) wrong += 1;
  }
  return { reused, wrong };
}

describe('after a stream of prompts', () => {
  it('reuses what was answered to similar ones, and is seldom wrong', async () => {
    const { decide, asked, tier } = process();
    const { reused, wrong } = await stream(decide, { seed: 2, count: 200 });
    expect(reused).toBeGreaterThan(100);
    expect(wrong).toBeLessThanOrEqual(10);
    // Who is not reused is asked, once each.
    expect(asked).toHaveLength(200 - reused);
    expect(tier.status()).toMatchObject({ shadow: false });
  });

  it('says what it reused: the first decision, and what that had cost', async () => {
    const { decide, log } = process();
    const { wish } = createWishes(3);
    for (;;) {
      const decided = await decide(wish().prompt);
      if (decided.via === 'model') continue;
      const row = log.rows.find(({ id }) => id === decided.similarId);
      const origin = log.rows.find(({ id }) => id === row?.entryId);
      expect(row).toMatchObject({ kind: 'reuse', prompt: null, isRight: null });
      expect(origin).toMatchObject({ decisionId: decided.decisionId, intent: decided.intent });
      expect(decided.tokens).toBe(100);
      return;
    }
  });

  it('knows in two processes the same, each learning from what the other asked', async () => {
    const log = createMemoryLog();
    const [one, two] = [createTier({ log }), createTier({ log })];
    const { wish } = createWishes(4);
    for (let count = 0; count < TRAINING; count += 1) {
      await (count % 2 === 0 ? one : two).decide(wish().prompt);
    }
    // The last row is followed at the next question.
    await one.decide('remember');
    await two.decide('remember');
    await one.decide('remember');
    const [here, there] = [one.tier.status(), two.tier.status()];
    expect(here.shadow).toBe(false);
    expect(there.shadow).toBe(false);
    expect(Math.abs(here.entries - there.entries)).toBeLessThanOrEqual(1);
  });
});

describe('is back in shadow', () => {
  it.each<[string, Partial<Parameters<typeof createTier>[0]>]>([
    ['another model', { brain: { model: 'other', endpoint: 'http://model', version: '1' } }],
    ['another address', { brain: { model: 'classes', endpoint: 'http://else', version: '1' } }],
    ['another template', { brain: { model: 'classes', endpoint: 'http://model', version: '2' } }],
    ['another embedder', { embedder: createWordEmbedder({ id: 'other words' }) }],
  ])('with %s', async (_what, options) => {
    const { decide, tier } = process(options);
    expect(await stream(decide, { seed: 5, count: 50 })).toEqual({ reused: 0, wrong: 0 });
    expect(tier.status().shadow).toBe(true);
  });
});

describe('never answers', () => {
  it.each<[string, Parameters<ReturnType<typeof createTier>['decide']>[1]]>([
    ['somebody else', { scope: 'bob', ownerId: 'bob' }],
    ['in another project, where that is the scope', { scope: 'ann:project:1' }],
    ['in a project of another type', { context: { ...CONTEXT, projectType: 'film' } }],
    ['in a project with another number of scenes', { context: { ...CONTEXT, sceneCount: 4 } }],
    ['where another scene is last', { context: { ...CONTEXT, lastSceneType: 'outro' } }],
  ])('%s, though the policy is sure', async (_what, given) => {
    const { decide, asked, log } = process();
    const before = trained.rows.length;
    // The very prompts that are stored, word for word.
    const prompts = trained.rows.flatMap(({ prompt }) => (prompt === null ? [] : [prompt]));
    for (const prompt of prompts.slice(0, 150)) await decide(prompt, given);
    const ids = new Set(log.rows.slice(before).map(({ id }) => id));
    const strangers = log.rows.filter(
      ({ kind, entryId }) => kind === 'reuse' && entryId !== null && entryId <= before,
    );
    expect(strangers.filter(({ id }) => ids.has(id))).toEqual([]);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('a prompt that names a scene by one that names another, or none', async () => {
    const { decide } = process();
    const { wish } = createWishes(6);
    for (let count = 0; count < 40; count += 1) {
      expect((await decide(wish().prompt, { named: [`scene ${count}`] })).via).toBe('model');
    }
  });

  it('a prompt that speaks of a place in the order by one that speaks of another, or none', async () => {
    const { decide, log } = process();
    const { wish } = createWishes(6);
    const placeOfRow = new Map<number, string>();
    for (let count = 0; count < 120; count += 1) {
      const place = ['first', 'second', '3rd', 'last'][count % 4]!;
      const { via, similarId } = await decide(`${wish(1).prompt} ${place}`);
      placeOfRow.set(similarId!, place);
      if (via === 'model') continue;
      const row = log.rows.find(({ id }) => id === similarId);
      expect(placeOfRow.get(row!.entryId!)).toBe(place);
    }
  });

  it('a prompt that was answered wrongly before, by likeness', async () => {
    const { decide, tier } = process();
    const given = { isRefused: true };
    expect(await stream(decide, { seed: 6, count: 20, given })).toMatchObject({ reused: 0 });
    expect(tier.status().skipped.refused).toBe(20);
  });

  it('a prompt longer than the embedder reads', async () => {
    const { decide, tier, log } = process();
    const before = log.rows.length;
    const { wish } = createWishes(8);
    for (let count = 0; count < 100; count += 1) {
      const { prompt } = wish(0);
      expect((await decide(`${prompt} ${prompt} end ${count}`)).via).toBe('model');
    }
    expect(tier.status().skipped.beyondReach).toBe(100);
    expect(log.rows).toHaveLength(before);
  });

  it('a wish to delete', async () => {
    const { decide, tier } = process();
    const { wish } = createWishes(9);
    for (const verb of ['delete', 'Remove', 'get rid of', 'throw away']) {
      expect((await decide(`${verb} ${wish(1).prompt}`)).via).toBe('model');
    }
    expect(tier.status().skipped.deletion).toBe(4);
  });

  it.each<[string, Intent['action']]>([
    ['with a deletion', { operation: 'delete', target: { by: 'place', place: -1 } }],
    ['with free text', { operation: 'answer', about: 'text', text: 'It depends' }],
    [
      'with a scene that its prompt did not name',
      {
        operation: 'edit',
        target: { by: 'name', name: 'Intro' },
        changes: [{ kind: 'duration', ms: 1 }],
      },
    ],
  ])('%s, whatever the prompts', async (_what, action) => {
    const intent = { action, reasoning: '', confidence: 1 };
    const brain = { model: 'm', endpoint: '', version: '1' };
    const log = createMemoryLog();
    const { tier } = createTier({ log, brain });
    const { wish } = createWishes(10);
    for (let count = 0; count < 400; count += 1) {
      const question = {
        prompt: wish(0).prompt,
        context: CONTEXT,
        scope: 's',
        ownerId: 's',
        named: [],
        isRefused: false,
      };
      const { via } = await tier.decide(question, async () => ({ intent, tokens: 1 }));
      expect(via).toBe('model');
    }
  });

  it('from an intent that is too old', async () => {
    const { decide, tier } = process({ ttlMs: 0 });
    expect(await stream(decide, { seed: 11, count: 60 })).toMatchObject({ reused: 0 });
    expect(tier.status()).toMatchObject({ shadow: false, entries: 0 });
  });

  it('from an intent that somebody called wrong, which is a failed audit as well', async () => {
    const { decide, log } = process();
    const { wish } = createWishes(12);
    let refuted = 0;
    // Every reuse is called wrong: they become few before the bound is spent.
    for (let count = 0; count < 400; count += 1) {
      const { via, similarId } = await decide(wish().prompt);
      const row = log.rows.find(({ id }) => id === similarId);
      if (via !== 'similar' || !row) continue;
      const { source, shelf, ownerId, features, entryId } = row;
      const judge = randomUUID();
      const said = { kind: 'refute', score: 0, weight: 0, judge, features, entryId } as const;
      await log.append({ source, shelf, ownerId, ...said });
      refuted += 1;
      const later = log.rows.filter(({ kind, id }) => kind === 'reuse' && id > row.id);
      expect(later.map((each) => each.entryId)).not.toContain(entryId);
    }
    expect(refuted).toBeGreaterThan(0);
    expect(refuted).toBeLessThan(WRONG_MAX * (TRAINING + 400));
    const untold = await stream(process().decide, { seed: 13, count: 50 });
    const told = await stream(decide, { seed: 13, count: 50 });
    expect(told.reused).toBeLessThan(untold.reused / 4);
  });
});

describe('costs a call and no more', () => {
  it.each([
    ['busy', 'embedderBusy'],
    ['timeout', 'embedderTimeout'],
    ['unavailable', 'embedderUnavailable'],
  ] as const)('when the embedder is: %s', async (code, reason) => {
    const embedder = createWordEmbedder({
      embed: () => Promise.reject(new EmbedderError(code, code)),
    });
    const { decide, tier } = process({ embedder });
    expect((await decide('hello there')).via).toBe('model');
    expect(tier.status().skipped[reason]).toBe(1);
  });

  it('when the log cannot be read', async () => {
    const log = { ...createMemoryLog(), read: () => Promise.reject(new Error('away')) };
    const { decide, tier } = createTier({ log });
    expect((await decide('hello there')).via).toBe('model');
    expect(tier.status().skipped.databaseFailed).toBe(1);
  });

  it('when the log does not answer', async () => {
    const log = { ...createMemoryLog(), read: () => new Promise<never>(() => undefined) };
    const { decide, tier } = createTier({ log });
    expect((await decide('hello there')).via).toBe('model');
    expect(tier.status().skipped.starting).toBe(1);
  });

  it('when the log cannot be written: a reuse that nobody could take back is none', async () => {
    const { decide, log, asked } = process();
    log.append = () => Promise.reject(new Error('away'));
    expect(await stream(decide, { seed: 14, count: 60 })).toMatchObject({ reused: 0 });
    expect(asked).toHaveLength(60);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../../src/config/duration.ts';
import { seed } from '../../src/db/seed.ts';
import { createStudio, type Caller, type Studio } from '../domain/fixture.ts';

let studio: Studio;
let assistant: Caller['assistant'];
beforeAll(async () => {
  studio = await createStudio();
  await seed(studio.services.write);
  const [user] = await studio.sql<
    { id: string }[]
  >`SELECT id FROM users WHERE email = 'demo@example.com'`;
  const demo = { id: user!.id, email: 'demo@example.com', username: 'demo', name: 'Demo' };
  assistant = studio.as({ ...demo, role: 'user' }).assistant;
});
afterAll(() => studio[Symbol.asyncDispose]());

describe('the demo', () => {
  it('has weeks of conversations with two bots, the latest first', async () => {
    const all = await assistant.conversations();
    expect(new Set(all.map(({ botName }) => botName))).toEqual(new Set(['elara', 'elena']));
    expect(all.length).toBeGreaterThan(15);
    const times = all.map(({ updatedAt }) => updatedAt.getTime());
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times[0]! - times.at(-1)!).toBeGreaterThan(28 * DAY);
    expect(Date.now() - times[0]!).toBeLessThan(2 * DAY);
    expect(all.every(({ lastMessage }) => lastMessage !== null)).toBe(true);
  });

  it('is seeded once', async () => {
    expect(await seed(studio.services.write)).toMatchObject({ personas: 0, conversations: 0 });
  });
});

describe('pages', () => {
  it('of conversations follow each other without gap or repetition', async () => {
    const all = await assistant.conversations();
    const paged = [];
    for (let cursor: (typeof all)[number] | undefined; ;) {
      const page = await assistant.conversations({ limit: 5, ...(cursor ? { cursor } : {}) });
      paged.push(...page);
      cursor = page.at(-1);
      if (page.length < 5) break;
    }
    expect(paged).toEqual(all);
  });

  it('of a history go back in time, each in the order of what was said', async () => {
    const [latest] = await assistant.conversations({ limit: 1 });
    const conversationId = latest!.id;
    const whole = await assistant.history({ conversationId });
    expect(whole.nextCursor).toBeUndefined();
    expect(whole.items.at(-1)).toMatchObject({ role: 'assistant', content: latest!.lastMessage });
    expect(whole.items[0]!.role).toBe('user');

    const paged = [];
    let cursor: number | undefined;
    do {
      const page = await assistant.history({
        conversationId,
        limit: 3,
        ...(cursor === undefined ? {} : { cursor }),
      });
      paged.unshift(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(whole.items);
  });
});

describe('a conversation', () => {
  it('without any message says so', async () => {
    const { owner } = studio.people;
    await studio.sql`INSERT INTO conversations (user_id, bot_name) VALUES (${owner.id}, 'orson')`;
    await studio.renewed();
    expect(await studio.as('owner').assistant.conversations()).toMatchObject([
      { botName: 'orson', lastMessage: null },
    ]);
  });

  it('of somebody else is not found', async () => {
    const [latest] = await assistant.conversations({ limit: 1 });
    await expect(
      studio.as('owner').assistant.history({ conversationId: latest!.id }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

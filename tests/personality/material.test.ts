/** What an analysis goes by: the user's own messages and decisions, and no more of them than there may be. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findWrittenTexts } from '../../src/db/queries/material.ts';
import { createStudio, type Studio } from '../domain/fixture.ts';
import { addPerson, addTeam, type Person } from '../domain/people.ts';

const BOT = 'elara';

let studio: Studio;
beforeAll(async () => {
  studio = await createStudio();
  await studio.sql`INSERT INTO personas (name, archetype, traits, system_prompt)
    VALUES (${BOT}, 'tester', '{}', 'You test.')`;
});
afterAll(() => studio[Symbol.asyncDispose]());

const somebody = () => addPerson(studio.services.write, 'writer');
const found = ({ id }: Person) => findWrittenTexts(studio.services.db, id);

/** Its user's lines, one an hour from the given hour of the year on, each of them answered. */
async function talk({ id }: Person, hour: number, lines: readonly string[]): Promise<string> {
  const at = (n: number) => new Date(Date.UTC(2026, 0, 1, hour + n)).toISOString();
  const updated_at = at(lines.length - 1);
  const [row] = await studio.sql<{ id: string }[]>`INSERT INTO conversations
    ${studio.sql({ user_id: id, bot_name: BOT, updated_at })} RETURNING id`;
  const conversation_id = row!.id;
  const said = lines.flatMap((content, n) =>
    (['user', 'assistant'] as const).map((role, index) => ({
      conversation_id,
      position: 2 * n + index,
      role,
      content: role === 'user' ? content : 'Yes.',
      created_at: at(n),
    })),
  );
  if (said.length > 0) await studio.sql`INSERT INTO messages ${studio.sql(said)}`;
  return conversation_id;
}

/** A project of the person's own, and what they asked for there, one an hour. */
async function decide({ id }: Person, hour: number, prompts: readonly string[]): Promise<string> {
  const [row] = await studio.sql<{ id: string }[]>`INSERT INTO projects
    ${studio.sql({ owner_id: id, name: 'Decided' })} RETURNING id`;
  const project_id = row!.id;
  const rows = prompts.map((prompt, n) => ({
    project_id,
    user_id: id,
    prompt,
    operation: 'answer',
    proposal: '{}',
    reasoning: 'What was answered is nobody’s writing',
    confidence: 1,
    model: 'test',
    reuse: 'none',
    tokens: 0,
    created_at: new Date(Date.UTC(2026, 0, 1, hour + n)).toISOString(),
  }));
  await studio.sql`INSERT INTO decisions ${studio.sql(rows)}`;
  return project_id;
}

describe('what somebody has written', () => {
  it('are messages and prompts, the thread last written in first, each in order', async () => {
    const person = await somebody();
    const early = await talk(person, 0, ['one', 'two']);
    const project = await decide(person, 10, ['three', 'four']);
    const late = await talk(person, 20, ['five']);
    const texts = await found(person);
    expect(texts.map(({ kind, threadId, text }) => [kind, threadId, text])).toEqual([
      ['message', late, 'five'],
      ['decision', project, 'three'],
      ['decision', project, 'four'],
      ['message', early, 'one'],
      ['message', early, 'two'],
    ]);
    expect(texts[1]!.at).toEqual(new Date(Date.UTC(2026, 0, 1, 10)));
  });

  it('is nothing of what others wrote, in one project or elsewhere', async () => {
    const { projectId } = await addTeam(studio);
    const { owner, editor, outsider } = studio.people;
    const prompt = 'how many scenes are there?';
    await studio.as('owner').decision.make({ projectId, prompt });
    await studio.as('editor').decision.make({ projectId, prompt: 'delete the last scene' });
    await talk(editor, 0, ['mine alone']);
    expect((await found(owner)).map(({ text }) => text)).toEqual([prompt]);
    expect((await found(editor)).map(({ text }) => text)).toEqual([
      'delete the last scene',
      'mine alone',
    ]);
    expect(await found(outsider)).toEqual([]);
  });
});

describe('of a busy user', () => {
  it('are taken the latest fifty threads, of both kinds, and the latest forty texts of each', async () => {
    const person = await somebody();
    const lines = Array.from({ length: 45 }, (_, n) => `line ${n}`);
    const busiest = await talk(person, 5_000, lines);
    const project = await decide(person, 6_000, lines);
    for (let n = 0; n < 60; n += 1) {
      await (n % 2 === 0 ? talk : decide)(person, 10 * n, [`thread ${n}`]);
    }
    const texts = await found(person);
    const of = (id: string) => texts.filter(({ threadId }) => threadId === id);
    for (const id of [busiest, project]) {
      expect(of(id).map(({ text }) => text)).toEqual(lines.slice(5));
    }
    const others = texts.filter(({ threadId }) => ![busiest, project].includes(threadId));
    expect(others.map(({ text }) => text)).toEqual(
      Array.from({ length: 48 }, (_, n) => `thread ${59 - n}`),
    );
  });

  it('are taken the first 4,000 characters of each text', async () => {
    const person = await somebody();
    await talk(person, 0, ['ü'.repeat(5_000)]);
    await decide(person, 10, ['x'.repeat(4_001)]);
    expect((await found(person)).map(({ text }) => text)).toEqual([
      'x'.repeat(4_000),
      'ü'.repeat(4_000),
    ]);
  });
});

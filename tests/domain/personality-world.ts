/**
 * People who talk to bots, for the tests that ask and change everything: two bots of which one comes
 * later, and a conversation each of the owner and the outsider. Made with SQL, since what writes
 * conversations is no procedure here. Names of bots are UUIDs, so that their tags look like those of
 * other rows.
 */
import { randomUUID } from 'node:crypto';
import type { Caller, Studio } from './fixture.ts';
import type { Role } from './people.ts';
import type { Row } from './procedures.ts';

const BOT = 'b0700000-0000-4000-8000-000000000001';
/** Nobody is called so until somebody makes it. */
const LATER_BOT = 'b0700000-0000-4000-8000-000000000002';
const OWNERS = 'c0700000-0000-4000-8000-000000000001';
const OUTSIDERS = 'c0700000-0000-4000-8000-000000000002';

const CONTENT = { archetype: 'tester', traits: { warmth: 0.5 }, systemPrompt: 'You test.' };

/** Once for a database: what is there stays as it is. */
export async function addTalk({ sql, people }: Studio): Promise<void> {
  await sql`INSERT INTO personas (name, archetype, traits, system_prompt)
    VALUES (${BOT}, 'tester', '{}', 'You test.') ON CONFLICT DO NOTHING`;
  for (const [id, person] of [
    [OWNERS, people.owner],
    [OUTSIDERS, people.outsider],
  ] as const) {
    const made = await sql`INSERT INTO conversations (id, user_id, bot_name)
      VALUES (${id}, ${person.id}, ${BOT}) ON CONFLICT DO NOTHING RETURNING id`;
    if (made.length === 0) continue;
    await sql`INSERT INTO messages (conversation_id, position, role, content) VALUES
      (${id}, 0, 'user', 'Could you make the lamp brighter, please?'),
      (${id}, 1, 'assistant', 'It is brighter now.'),
      (${id}, 2, 'user', 'Thank you! The lamp is lovely.')`;
  }
}

/** Everybody asks what is theirs; the owner and the outsider, who talk, ask for all there is. */
export function* talkAsks(who: Role): Generator<[string, (caller: Caller) => Promise<unknown>]> {
  yield ['personality.get', (caller) => caller.personality.get()];
  yield ['assistant.conversations', (caller) => caller.assistant.conversations()];
  if (who !== 'owner' && who !== 'outsider') return;
  yield ['preferences.get', (caller) => caller.preferences.get()];
  yield ['persona.list', (caller) => caller.persona.list()];
  for (const name of [BOT, LATER_BOT]) {
    yield [`persona.byName ${name}`, (caller) => caller.persona.byName({ name })];
    yield [`persona.idByName ${name}`, (caller) => caller.persona.idByName({ name })];
  }
  for (const conversationId of [OWNERS, OUTSIDERS]) {
    const input = { conversationId, limit: 2 };
    yield [`assistant.history ${conversationId}`, (caller) => caller.assistant.history(input)];
  }
}

/** Mutations of these routers, as the oracle draws them: how often each, and what it does. */
export const TALK_STEPS = {
  save: [
    2,
    ({ caller, variant }: TalkScope) =>
      caller.personality.save({
        analysis: { traits: { warmth: (variant % 5) / 4 }, tone: variant % 2 ? 'dry' : 'warm' },
        ...(variant % 4 === 0 ? { expectedVersion: variant % 3 } : {}),
      }),
  ],
  tune: [
    2,
    ({ caller, variant }: TalkScope) =>
      caller.personality.tune({ traits: { [`trait ${variant % 3}`]: (variant % 7) / 6 } }),
  ],
  analyze: [
    1,
    ({ caller, variant }: TalkScope) => caller.personality.analyze({ force: variant % 2 === 0 }),
  ],
  invalidatePersonality: [1, ({ caller }: TalkScope) => caller.personality.invalidate()],
  deletePersonality: [1, ({ caller }: TalkScope) => caller.personality.delete()],
  setPreference: [
    2,
    ({ caller, variant }: TalkScope) =>
      caller.preferences.update({ formality: variant % 3 === 0 ? null : (variant % 5) / 4 }),
  ],
  updatePersona: [
    2,
    ({ admin, variant }: TalkScope) =>
      admin.persona.update({
        name: variant % 3 === 0 ? LATER_BOT : BOT,
        traits: { warmth: (variant % 5) / 4 },
      }),
  ],
  createPersona: [
    1,
    ({ admin }: TalkScope) => admin.persona.create({ name: LATER_BOT, ...CONTENT }),
  ],
} satisfies Record<string, [number, (scope: TalkScope) => Promise<unknown>]>;

interface TalkScope {
  readonly caller: Caller;
  readonly admin: Caller;
  readonly variant: number;
}

/** As somebody with psql would send them. */
export const TALK_BEHIND_THE_BACK: readonly string[] = [
  `INSERT INTO messages (conversation_id, position, role, content)
     SELECT id, 1000 + (random() * 1000000)::int, 'user', 'by hand' FROM conversations LIMIT 1`,
  `UPDATE messages SET content = content || ' by hand'`,
  `INSERT INTO conversations (user_id, bot_name) SELECT id, '${BOT}' FROM users WHERE name = 'editor'`,
  `UPDATE conversations SET user_id = (SELECT id FROM users WHERE name = 'viewer')
    WHERE id = '${OUTSIDERS}'`,
  `DELETE FROM conversations WHERE id = '${OWNERS}'`,
  `UPDATE personality_cache SET updated_at = now() - interval '8 days'`,
  `INSERT INTO personality_cache (user_id, analysis_data)
     SELECT id, '{"tone": "by hand"}' FROM users ON CONFLICT DO NOTHING`,
  `UPDATE personality_cache SET analysis_data = jsonb_set(analysis_data, '{schemaVersion}', '99')`,
  `TRUNCATE personality_cache`,
  `UPDATE personas SET archetype = 'by hand ' || gen_random_uuid()`,
  `DELETE FROM personas WHERE name = '${LATER_BOT}'`,
  `INSERT INTO preferences (user_id, settings) SELECT id, '{"theme": "dark"}' FROM users
     ON CONFLICT (user_id) DO UPDATE SET settings = preferences.settings || excluded.settings`,
];

/** Every mutation once, and what only other programs change, for the walk in which all is warm. */
export function talkWalk(
  studio: Studio,
  behind: (act: () => Promise<unknown>) => () => Promise<unknown>,
): [what: string, act: () => Promise<unknown>][] {
  const { personality, preferences } = studio.as('owner');
  const { persona } = studio.as('admin');
  const { sql, people } = studio;
  return [
    ['personality.save', () => personality.save({ analysis: { tone: 'dry' } })],
    ['personality.tune', () => personality.tune({ traits: { warmth: 1 } })],
    ['personality.invalidate', () => personality.invalidate()],
    ['personality.analyze', () => personality.analyze()],
    ['personality.delete', () => personality.delete()],
    ['preferences.update', () => preferences.update({ theme: 'dark' })],
    ['persona.update', () => persona.update({ name: BOT, archetype: 'changed' })],
    ['persona.create', () => persona.create({ name: LATER_BOT, ...CONTENT })],
    [
      'another message',
      behind(
        () => sql`INSERT INTO messages (conversation_id, position, role, content)
          VALUES (${OWNERS}, 9, 'assistant', 'Glad you like it.')`,
      ),
    ],
    [
      'a conversation of somebody else',
      behind(
        () => sql`UPDATE conversations SET user_id = ${people.editor.id} WHERE id = ${OUTSIDERS}`,
      ),
    ],
  ];
}

const everybody: Row['answers'] = {
  owner: 'ok',
  editor: 'ok',
  viewer: 'ok',
  outsider: 'ok',
  admin: 'ok',
  nobody: 'UNAUTHORIZED',
};
const onlyAdmin: Row['answers'] = {
  owner: 'FORBIDDEN',
  editor: 'FORBIDDEN',
  viewer: 'FORBIDDEN',
  outsider: 'FORBIDDEN',
  admin: 'ok',
  nobody: 'UNAUTHORIZED',
};
const onlyOwner: Row['answers'] = {
  owner: 'ok',
  editor: 'NOT_FOUND',
  viewer: 'NOT_FOUND',
  outsider: 'NOT_FOUND',
  admin: 'NOT_FOUND',
  nobody: 'UNAUTHORIZED',
};

const prepared = new WeakSet<Studio>();

/** Where somebody is asked about talk, there is some. */
const afterTalk =
  (call: (caller: Caller) => Promise<unknown>): Row['call'] =>
  async (caller, _team, studio) => {
    if (!prepared.has(studio)) {
      await addTalk(studio);
      await studio.renewed();
      prepared.add(studio);
    }
    return call(caller);
  };

export const TALK_ROWS: Readonly<Record<string, Row>> = {
  'personality.get': { answers: everybody, call: (caller) => caller.personality.get() },
  'personality.analyze': {
    answers: everybody,
    call: afterTalk((caller) => caller.personality.analyze({ force: true })),
  },
  'personality.save': {
    answers: everybody,
    call: (caller) => caller.personality.save({ analysis: { traits: { warmth: Math.random() } } }),
  },
  'personality.tune': {
    answers: everybody,
    call: (caller) => caller.personality.tune({ traits: { warmth: Math.random() } }),
  },
  'personality.invalidate': {
    answers: everybody,
    call: (caller) => caller.personality.invalidate(),
  },
  'personality.delete': { answers: everybody, call: (caller) => caller.personality.delete() },
  'preferences.get': { answers: everybody, call: (caller) => caller.preferences.get() },
  'preferences.update': {
    answers: everybody,
    call: (caller) => caller.preferences.update({ theme: 'dark' }),
  },
  'persona.idByName': {
    answers: everybody,
    call: afterTalk((caller) => caller.persona.idByName({ name: BOT })),
  },
  'persona.byName': {
    answers: everybody,
    call: afterTalk((caller) => caller.persona.byName({ name: BOT })),
  },
  'persona.list': { answers: everybody, call: (caller) => caller.persona.list() },
  'persona.create': {
    answers: onlyAdmin,
    call: (caller) => caller.persona.create({ name: randomUUID(), ...CONTENT }),
  },
  'persona.update': {
    answers: onlyAdmin,
    call: afterTalk((caller) => caller.persona.update({ name: BOT, voice: 'en-GB' })),
  },
  'assistant.conversations': {
    answers: everybody,
    call: afterTalk((caller) => caller.assistant.conversations()),
  },
  'assistant.history': {
    answers: onlyOwner,
    call: afterTalk((caller) => caller.assistant.history({ conversationId: OWNERS })),
  },
};

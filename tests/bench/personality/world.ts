/** A PostgreSQL server of the benchmark's own, a migrated database in it, and the studio on that. */
import type { Clock } from '../../../src/cache/coherence/index.ts';
import { READ_CONNECTIONS_MAX } from '../../../src/db/client.ts';
import {
  createStudio,
  type Caller,
  type Studio,
  type StudioOptions,
} from '../../domain/fixture.ts';
import { addPerson, type Person } from '../../domain/people.ts';
import { createTestServer, databaseUrl, withAdmin } from '../../fixtures/test-server.ts';

export const BOT = 'elara';
/** As many as are read at once. */
export const BOTS = [BOT, ...Array.from({ length: 49 }, (_, index) => `elara ${index + 2}`)];
const LEASE_MS = 2_000;

export interface World extends AsyncDisposable {
  readonly studio: Studio;
  /** Statements of reads, while `counting` is on. */
  readonly statements: { n: number; counting: boolean };
}

export interface WorldOptions extends Pick<
  StudioOptions,
  'analyzer' | 'alter' | 'loadQueueMs' | 'memoryBytesMax' | 'store'
> {
  readonly clock: Clock;
}

export interface Server extends AsyncDisposable {
  createWorld(options: WorldOptions): Promise<World>;
}

export async function startServer(): Promise<Server> {
  const server = createTestServer({});
  const { adminUrl, template, runId } = await server.info();
  let worlds = 0;
  return {
    async createWorld(options) {
      worlds += 1;
      const name = `greenroom_bench_${runId}_${worlds}`;
      await withAdmin(adminUrl, (admin) =>
        admin.unsafe(`create database ${name} template ${template}`),
      );
      const statements = { n: 0, counting: false };
      const studio = await createStudio({
        ...options,
        readConnections: READ_CONNECTIONS_MAX,
        leaseMs: LEASE_MS,
        databaseUrl: databaseUrl(adminUrl, name),
        onStatement: () => void (statements.n += statements.counting ? 1 : 0),
      });
      await studio.sql`INSERT INTO personas (name, archetype, traits, system_prompt)
        SELECT name, 'wise_mentor', '{"warmth": 0.85}', 'You are Elara.' FROM unnest(${BOTS}::text[]) name`;
      return {
        studio,
        statements,
        [Symbol.asyncDispose]: () => studio[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Each with one conversation of a few messages, which the studio knows of when this returns. */
export async function addTalkers(studio: Studio, n: number): Promise<Talker[]> {
  const talkers = await Promise.all(Array.from({ length: n }, () => addTalker(studio)));
  await studio.renewed();
  return talkers;
}

interface Talker {
  readonly person: Person;
  readonly conversationId: string;
}

async function addTalker(studio: Studio): Promise<Talker> {
  const person = await addPerson(studio.services.write, 'talker');
  const [row] = await studio.sql<{ id: string }[]>`
    INSERT INTO conversations (user_id, bot_name) VALUES (${person.id}, ${BOT}) RETURNING id`;
  const conversationId = row!.id;
  await say(studio, conversationId, 0);
  return { person, conversationId };
}

const LINES = [
  'Could you make the title a little warmer, please?',
  'The lamp glows too early. I would like one second of dark before it.',
  'Lovely! The daylight curve now ends with the curtains.',
  'Why does the preview stop at the last keyframe?',
];

/** Four messages from the given place on. */
export async function say(studio: Studio, conversationId: string, from: number): Promise<void> {
  const rows = LINES.map((content, index) => ({
    conversation_id: conversationId,
    position: from + index,
    role: 'user',
    content,
  }));
  await studio.sql`INSERT INTO messages ${studio.sql(rows)}`;
}

/** All that one person asks for. */
export function readsOf(caller: Caller, conversationId: string): (() => Promise<unknown>)[] {
  return [
    () => caller.personality.get(),
    () => caller.preferences.get(),
    () => caller.persona.byName({ name: BOT }),
    () => caller.assistant.conversations(),
    () => caller.assistant.history({ conversationId }),
  ];
}

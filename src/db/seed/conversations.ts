// The demo user's conversations, placed before the moment of seeding: the last of them was yesterday.
import { DAY, HOUR, SECOND } from '../../config/duration.ts';
import { ELARA_CONVERSATIONS } from './elara-conversations.ts';
import { ELENA_CONVERSATIONS } from './elena-conversations.ts';

export interface SeedConversation {
  readonly daysAgo: number;
  /** Of that day, UTC. */
  readonly hour: number;
  /** Seconds that the user takes for an answer. */
  readonly paceS: number;
  /** In turns: the user, the bot, the user … */
  readonly said: readonly string[];
}

export interface SeedMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
  readonly createdAt: Date;
}

/** What a bot takes for an answer. */
const BOT_MS = 4 * SECOND;

export interface PlacedConversation {
  readonly botName: string;
  readonly messages: readonly SeedMessage[];
}

export function seedConversations(now: Date): PlacedConversation[] {
  const midnight = now.getTime() - (now.getTime() % DAY);
  const of = (botName: string, given: readonly SeedConversation[]) =>
    given.map(({ daysAgo, hour, paceS, said }) => ({
      botName,
      messages: said.map((content, index) => {
        const turns = Math.floor(index / 2);
        const passedMs = turns * (paceS * SECOND + BOT_MS) + (index % 2) * BOT_MS;
        const role = index % 2 === 0 ? ('user' as const) : ('assistant' as const);
        const startMs = midnight - daysAgo * DAY + hour * HOUR;
        return { role, content, createdAt: new Date(startMs + passedMs) };
      }),
    }));
  return [...of('elara', ELARA_CONVERSATIONS), ...of('elena', ELENA_CONVERSATIONS)];
}

/** Conversations and what was said in them, as their user sees them. */
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { conversations, messages } from '../schema/index.ts';

export interface Conversation {
  id: string;
  botName: string;
  updatedAt: Date;
  /** Its beginning; null before anything was said. */
  lastMessage: string | null;
}

export interface Message {
  id: string;
  role: 'user' | 'assistant';
  content: string;
  createdAt: Date;
}

/** The last conversation of the page before. */
export interface ConversationCursor {
  readonly updatedAt: Date;
  readonly id: string;
}

/** Of the last message in the list: more than any page shows. */
const EXCERPT_LENGTH_MAX = 1_000;

interface Page<Cursor> {
  readonly limit: number;
  readonly cursor?: Cursor | undefined;
}

/** The latest first. Reads no messages where there are no conversations. */
export async function listConversations(
  db: ReadDb,
  userId: string,
  { limit, cursor }: Page<ConversationCursor>,
): Promise<Conversation[]> {
  const after =
    cursor &&
    sql`(${conversations.updatedAt}, ${conversations.id}) < (${cursor.updatedAt.toISOString()}, ${cursor.id})`;
  const found = await db
    .select({
      id: conversations.id,
      botName: conversations.botName,
      updatedAt: conversations.updatedAt,
    })
    .from(conversations)
    .where(and(eq(conversations.userId, userId), after))
    .orderBy(desc(conversations.updatedAt), desc(conversations.id))
    .limit(limit);
  if (found.length === 0) return [];
  const last = await lastMessages(
    db,
    found.map(({ id }) => id),
  );
  return found.map((each) => ({ ...each, lastMessage: last.get(each.id) ?? null }));
}

async function lastMessages(db: ReadDb, ids: readonly string[]): Promise<Map<string, string>> {
  const wanted = sql`unnest(${sql.param(`{${ids.join(',')}}`)}::uuid[]) AS wanted (id)`;
  const rows = await db.execute<{ id: string; content: string }>(sql`
    SELECT wanted.id, last.content FROM ${wanted} CROSS JOIN LATERAL (
      SELECT left(content, ${EXCERPT_LENGTH_MAX}) AS content FROM ${messages} WHERE ${messages.conversationId} = wanted.id
       ORDER BY ${messages.position} DESC LIMIT 1) AS last`);
  return new Map(rows.map(({ id, content }) => [id, content]));
}

export async function isConversationOf(
  db: ReadDb,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<boolean> {
  const rows = await db
    .select({ id: conversations.id })
    .from(conversations)
    .where(and(eq(conversations.id, conversationId), eq(conversations.userId, userId)));
  return rows.length > 0;
}

/** The latest page first; within it, in the order in which they were said. */
export async function listMessages(
  db: ReadDb,
  conversationId: string,
  { limit, cursor }: Page<number>,
): Promise<{ items: Message[]; nextCursor?: number }> {
  const rows = await db
    .select({
      id: messages.id,
      role: messages.role,
      content: messages.content,
      createdAt: messages.createdAt,
      position: messages.position,
    })
    .from(messages)
    .where(
      and(
        eq(messages.conversationId, conversationId),
        cursor === undefined ? undefined : lt(messages.position, cursor),
      ),
    )
    .orderBy(desc(messages.position))
    .limit(limit + 1);
  const page = rows.slice(0, limit).toReversed();
  const items = page.map(({ position: _position, ...message }) => message);
  const [first] = page;
  return rows.length > limit && first ? { items, nextCursor: first.position } : { items };
}

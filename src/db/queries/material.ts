/** What a user has written lately, to bots and to have scenes changed: what an analysis goes by. */
import { sql } from 'drizzle-orm';
import type { ReadDb } from '../read.ts';
import { conversations, decisions, messages } from '../schema/index.ts';

/** The latest threads, and the latest texts of each: months of a busy user. */
const THREADS_MAX = 50;
const TEXTS_EACH_MAX = 40;
/** Characters of one text: beyond it somebody has pasted a document. */
const TEXT_LENGTH_MAX = 4_000;

export interface WrittenText {
  /** A message to a bot, or the prompt of a decision. */
  readonly kind: 'message' | 'decision';
  /** What belongs together: the conversation, or the project that was decided on. */
  readonly threadId: string;
  readonly text: string;
  readonly at: Date;
}

type Row = { kind: WrittenText['kind']; thread_id: string; text: string; at: string };

/**
 * Thread by thread, the one last written in first, each in the order of writing. Conversations and
 * projects are counted together, so that neither crowds out the other.
 */
export async function findWrittenTexts(db: ReadDb, userId: string): Promise<WrittenText[]> {
  const rows = await db.execute<Row>(sql`
    SELECT thread.kind, thread.id AS thread_id, written.text, written.at
      FROM (
        (SELECT 'message' AS kind, id, updated_at AS last_at FROM ${conversations}
          WHERE user_id = ${userId} ORDER BY updated_at DESC, id DESC LIMIT ${THREADS_MAX})
        UNION ALL
        (SELECT 'decision', project_id, max(created_at) FROM ${decisions}
          WHERE user_id = ${userId} GROUP BY project_id)
        ORDER BY last_at DESC, id DESC LIMIT ${THREADS_MAX}) AS thread
     CROSS JOIN LATERAL (
        (SELECT left(content, ${TEXT_LENGTH_MAX}) AS text, created_at AS at, position AS place
           FROM ${messages}
          WHERE thread.kind = 'message' AND conversation_id = thread.id AND role = 'user'
          ORDER BY position DESC LIMIT ${TEXTS_EACH_MAX})
        UNION ALL
        (SELECT left(prompt, ${TEXT_LENGTH_MAX}), created_at, 0 FROM ${decisions}
          WHERE thread.kind = 'decision' AND project_id = thread.id AND user_id = ${userId}
          ORDER BY created_at DESC, id DESC LIMIT ${TEXTS_EACH_MAX})) AS written
     ORDER BY thread.last_at DESC, thread.id DESC, written.place, written.at`);
  return rows.map(({ kind, thread_id: threadId, text, at }) => ({
    kind,
    threadId,
    text,
    at: new Date(at),
  }));
}

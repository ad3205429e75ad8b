/** What the caller and the bots said to each other. */
import { z } from 'zod';
import {
  isConversationOf,
  listConversations,
  listMessages,
} from '../../db/queries/conversations.ts';
import { conversationTags, messageTags } from '../../db/schema/index.ts';
import { cachedQuery } from '../cached.ts';
import { id, position, time } from '../input.ts';
import { router } from '../trpc.ts';

/** Of one page. An entry depends on each of its conversations. */
const PAGE_MAX = 100;
const PAGE_DEFAULT = 50;

const limit = z.int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT);

export const assistantRouter = router({
  conversations: cachedQuery({
    name: 'assistant.conversations',
    access: 'signedIn',
    scope: 'user',
    // The cursor is the last one of the page before.
    input: z.object({ limit, cursor: z.object({ updatedAt: time, id }).optional() }).prefault({}),
    tags: ({ userId }) => [conversationTags.ofUser({ userId })],
    async load({ input, userId }, { db, depend }) {
      const page = await listConversations(db, userId, input);
      for (const conversation of page) {
        depend(messageTags.ofConversation({ conversationId: conversation.id }));
      }
      return page;
    },
  }),

  history: cachedQuery({
    name: 'assistant.history',
    access: 'signedIn',
    scope: 'user',
    input: z.object({ conversationId: id, limit, cursor: position.optional() }),
    tags: ({ input: { conversationId } }) => [conversationTags.one({ id: conversationId })],
    async load({ input, userId }, { db, depend }) {
      const { conversationId } = input;
      // Another's is as good as none.
      if (!(await isConversationOf(db, { conversationId, userId }))) return undefined;
      depend(messageTags.ofConversation({ conversationId }));
      return listMessages(db, conversationId, input);
    },
  }),
});

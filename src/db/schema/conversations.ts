/**
 * What people and bots said to each other. `position` counts a conversation's messages from 0; its
 * unique index is the order of the history and finds the last message.
 */
import { index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { declareTags } from '../tags.ts';
import { users } from './auth.ts';
import { createdAt, id, updatedAt } from './columns.ts';
import { personas } from './personas.ts';

export const conversations = pgTable(
  'conversations',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    botName: text('bot_name')
      .notNull()
      .references(() => personas.name),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index('conversations_user').on(
      table.userId,
      table.updatedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('conversations_bot').on(table.botName, table.userId),
  ],
);

export const conversationTags = declareTags(conversations, {
  one: 'conversation:{id}',
  ofUser: 'user:{userId}:conversations',
});

export const messages = pgTable(
  'messages',
  {
    id: id(),
    conversationId: uuid('conversation_id')
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    role: text('role', { enum: ['user', 'assistant'] }).notNull(),
    content: text('content').notNull(),
    createdAt: createdAt(),
  },
  (table) => [unique('messages_place').on(table.conversationId, table.position)],
);

export const messageTags = declareTags(messages, {
  ofConversation: 'conversation:{conversationId}:messages',
});

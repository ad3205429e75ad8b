/**
 * The journal over Redis pub/sub, single or Cluster: one channel that all members hear, and one for
 * each, so that answers do not go past everybody.
 *
 *   <prefix>:journal         for all
 *   <prefix>:journal:<id>    for one member
 *
 * Sending has a connection of its own, so that a message does not wait behind large values of the
 * store, and hearing another. Several databases may share the channels: every write names its
 * database, and members ignore another's.
 */
import { Cluster, type Redis } from 'ioredis';
import {
  connectRedis,
  type RedisClient,
  type RedisConnectionOptions,
} from '../redis/connection.ts';
import type { Journal, Transport } from './journal.ts';
import { createJournal, type JournalOptions } from './post.ts';

export interface RedisJournalOptions
  extends Omit<RedisConnectionOptions, 'onClient'>, Omit<JournalOptions, 'transport'> {
  /** First part of every channel. Default: greenroom. */
  readonly prefix?: string;
}

/** Redis gives up a subscriber who is 8 MiB behind for a minute; a few of these are no danger. */
const TEXT_BYTES_MAX = 2 ** 20;

export function createRedisJournal(options: RedisJournalOptions): Journal {
  return createJournal({ ...options, transport: redisTransport(options) });
}

function redisTransport(options: RedisJournalOptions): Transport {
  const all = `${options.prefix ?? 'greenroom'}:journal`;
  const channelOf = (id: string): string => `${all}:${id}`;
  const onError = options.onError ?? (() => undefined);
  let deliver: ((text: string) => void) | undefined;
  let ear: RedisClient | undefined;

  /** A Cluster client keeps a subscriber of its own; a single one would turn into one. */
  function listenBeside(client: RedisClient): void {
    const listener = client instanceof Cluster ? client : subscriberBeside(client);
    ear?.disconnect();
    ear = listener;
    listener.on('message', (_channel: string, text: string) => {
      if (ear === listener) deliver?.(text);
    });
    listener.on('ready', () => {
      listener.subscribe(all, channelOf(options.id)).catch(onError);
    });
  }

  function subscriberBeside(client: Redis): Redis {
    // Subscribed by hand at each `ready`: one way for the first time and for all later ones.
    const subscriber = client.duplicate({ autoResubscribe: false });
    subscriber.on('error', onError);
    return subscriber;
  }

  const connection = connectRedis({ ...options, onClient: listenBeside });

  return {
    kind: 'redis',
    textBytesMax: TEXT_BYTES_MAX,
    async send(parcels) {
      const client = connection.client();
      await Promise.all(
        parcels.map(({ to, text }) => client.publish(to === undefined ? all : channelOf(to), text)),
      );
    },
    listen(to) {
      deliver = to;
    },
    revive() {
      // Not `disconnect(true)`: it waits for an end that a dead connection does not send.
      connection.reopen();
    },
    async close() {
      deliver = undefined;
      ear?.disconnect();
      connection.close();
    },
  };
}

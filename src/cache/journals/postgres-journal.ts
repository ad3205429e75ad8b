/**
 * The journal over LISTEN and NOTIFY, for deployments without Redis. A database of its own is the
 * namespace; one channel that all members hear, and one for each.
 *
 * NOTIFY takes a lock of the whole server while it commits, so it is a statement of its own, after
 * the write's commit and never in its transaction, and all that is published in one turn goes in
 * one statement. A payload has fewer than 8,000 bytes: a write with more tags is told by its xid
 * alone, and the receiver reads them from the outbox.
 *
 * Knows no driver: it is given a connection that can listen and notify.
 */
import type { Journal, Transport } from './journal.ts';
import { createJournal, type JournalOptions } from './post.ts';

export interface NotifyConnection {
  /** Sends all in one statement, in autocommit. */
  notify(notices: readonly { channel: string; payload: string }[]): Promise<void>;
  /** Listens on a new connection, and from then on again by itself when it breaks. */
  listen(channels: readonly string[], deliver: (payload: string) => void): void;
  close(): Promise<void>;
}

export interface PostgresJournalOptions extends Omit<JournalOptions, 'transport'> {
  readonly connection: NotifyConnection;
}

/** A channel is an identifier: 63 bytes at most, of which a UUID takes 36. */
const CHANNEL = 'greenroom_journal';
const PAYLOAD_BYTES_MAX = 7_999;

export function createPostgresJournal(options: PostgresJournalOptions): Journal {
  return createJournal({ ...options, transport: postgresTransport(options) });
}

function postgresTransport({ connection, id }: PostgresJournalOptions): Transport {
  const channelOf = (to: string): string => `${CHANNEL}:${to}`;
  let listen = (): void => undefined;

  return {
    kind: 'postgres',
    textBytesMax: PAYLOAD_BYTES_MAX,
    send: (parcels) =>
      connection.notify(
        parcels.map(({ to, text }) => ({
          channel: to === undefined ? CHANNEL : channelOf(to),
          payload: text,
        })),
      ),
    listen(deliver) {
      listen = () => connection.listen([CHANNEL, channelOf(id)], deliver);
      listen();
    },
    revive: () => listen(),
    close: () => connection.close(),
  };
}

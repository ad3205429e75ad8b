/**
 * What members of a test share, and how: each way gives every member a store and a journal of its own.
 * What it opens, whoever uses it closes.
 */
import { randomUUID } from 'node:crypto';
import {
  createLocalByteStore,
  createLocalHub,
  createPostgresJournal,
  createPostgresStore,
  createRedisJournal,
  createRedisStore,
  type ByteStore,
  type Journal,
} from '../../src/cache/index.ts';
import { openDatabase, type Database } from '../../src/db/client.ts';
import { outboxTags } from '../../src/db/directory.ts';
import { createNotifications } from '../../src/db/notifications.ts';
import { statementRunner } from '../../src/db/statements.ts';

export interface Shared {
  readonly store: ByteStore | undefined;
  readonly journal: Journal | undefined;
}

/** Makes one member's part of what is shared. */
export type Sharing = (member: { id: string; url: string; database: Database }) => Shared;

export function shareLocally(): Sharing {
  const hub = createLocalHub();
  const store = createLocalByteStore();
  return ({ id, database }) => ({
    store,
    journal: hub.join(id, { readTags: outboxTags(database.write) }),
  });
}

/** Over the connections that a member has anyway, as a deployment's are. */
export function shareByPostgres(): Sharing {
  return ({ id, url, database }) => ({
    store: postgresStore(database),
    journal: createPostgresJournal({
      id,
      readTags: outboxTags(database.write),
      connection: createNotifications({ url, write: database.write }),
    }),
  });
}

/** Over connections apart from the members' own, so that they can break while members go on. */
export function shareByPostgresApart(urls: { store: string; bus: string }): Sharing {
  return ({ id, database }) => {
    const [toStore, toBus] = [urls.store, urls.bus].map((url) =>
      openDatabase({ url, readConnectionsMax: 3, writeConnectionsMax: 3 }),
    ) as [Database, Database];
    const journal = createPostgresJournal({
      id,
      readTags: outboxTags(database.write),
      connection: createNotifications({ url: urls.bus, write: toBus.write }),
    });
    return {
      store: { ...postgresStore(toStore), close: () => toStore.close() },
      journal: {
        ...journal,
        async close() {
          await journal.close();
          await toBus.close();
        },
      },
    };
  };
}

function postgresStore({ read, write }: Database): ByteStore {
  return createPostgresStore({ read: statementRunner(read), write: statementRunner(write) });
}

export interface RedisSharingOptions {
  /** Default: the store's. */
  readonly busUrl?: string;
  /** The same for all members. Default: one that nobody else has. */
  readonly prefix?: string;
  /** Default: a deployment's. */
  readonly commandTimeoutMs?: number;
  /** Default: a deployment's. */
  readonly probeEveryMs?: number;
}

export function shareByRedis(url: string, options: RedisSharingOptions = {}): Sharing {
  const { busUrl = url, prefix = randomUUID(), probeEveryMs, commandTimeoutMs } = options;
  const patience = commandTimeoutMs === undefined ? {} : { commandTimeoutMs };
  const probes = probeEveryMs === undefined ? {} : { probeEveryMs };
  return ({ id, database }) => ({
    store: createRedisStore({ url, prefix, ...patience }),
    journal: createRedisJournal({
      id,
      prefix,
      url: busUrl,
      readTags: outboxTags(database.write),
      ...probes,
    }),
  });
}

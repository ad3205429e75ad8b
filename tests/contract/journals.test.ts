/** Every journal under the one contract, on real servers. */
import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import {
  createLocalHub,
  createPostgresJournal,
  createRedisJournal,
  type Journal,
} from '../../src/cache/index.ts';
import { openDatabase } from '../../src/db/client.ts';
import { createNotifications } from '../../src/db/notifications.ts';
import { createTestDatabase } from '../fixtures/database.ts';
import { startRedis, startRedisCluster, type TestRedis } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';
import { runSql } from '../fixtures/sql.ts';
import { journalContract, type JournalBed } from './journal-contract.ts';

/**
 * Probes follow one another faster than in production, so that deafness is found within a test, and
 * not so fast that a busy machine passes for deaf: what is sent while all listen anew is lost.
 */
const PROBE_MS = 1_000;

function redisBed(server: AsyncDisposable & { url: string; nodes: readonly TestRedis[] }) {
  const outbox: JournalBed['outbox'] = new Map();
  const prefix = randomUUID();
  return {
    outbox,
    join: (id): Journal =>
      createRedisJournal({
        id,
        prefix,
        url: server.url,
        commandTimeoutMs: 5_000,
        probeEveryMs: PROBE_MS,
        readTags: async (xid) => outbox.get(xid) ?? [],
      }),
    async shout(text) {
      await server.nodes[0]!.command('PUBLISH', `${prefix}:journal`, text);
    },
    async breakAll() {
      for (const node of server.nodes) {
        await node.stop();
        await node.start();
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  } satisfies JournalBed;
}

describe('the journal in one process', () => {
  journalContract(
    async () => {
      const hub = createLocalHub({ textBytesMax: 1_000_000 });
      const outbox: JournalBed['outbox'] = new Map();
      const stranger = hub.transport('stranger');
      return {
        outbox,
        join: (id) => hub.join(id, { readTags: async (xid) => outbox.get(xid) ?? [] }),
        shout: (text) => stranger.send([{ to: undefined, text }]),
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    { breakable: false },
  );
});

describe('the journal over LISTEN and NOTIFY', () => {
  journalContract(async () => {
    await using parts = new AsyncDisposableStack();
    const { url } = parts.use(await createTestDatabase());
    const { write, close } = openDatabase({ url, readConnectionsMax: 1, writeConnectionsMax: 3 });
    parts.defer(() => close());
    const outbox: JournalBed['outbox'] = new Map();
    const owned = parts.move();
    return {
      outbox,
      join: (id) =>
        createPostgresJournal({
          id,
          connection: createNotifications({ url, write }),
          probeEveryMs: PROBE_MS,
          readTags: async (xid) => outbox.get(xid) ?? [],
        }),
      async shout(text) {
        await write`SELECT pg_notify('greenroom_journal', ${text})`;
      },
      async breakAll() {
        await runSql(
          url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  });
});

describeWith(['redis-server'], 'the journal over Redis', (paths) => {
  journalContract(async () => {
    const redis = await startRedis(paths['redis-server']);
    return redisBed({
      url: redis.url,
      nodes: [redis],
      [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
    });
  });
});

describeWith(['redis-server'], 'the journal over a Redis Cluster of three masters', (paths) => {
  journalContract(async () => redisBed(await startRedisCluster(paths['redis-server'])));
});

/** Every shared store under the one contract, on real servers. */
import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import {
  createLocalByteStore,
  createPostgresStore,
  createRedisStore,
  type ByteStore,
} from '../../src/cache/index.ts';
import { openDatabase } from '../../src/db/client.ts';
import { statementRunner } from '../../src/db/statements.ts';
import { createTestDatabase } from '../fixtures/database.ts';
import { startRedis, startRedisCluster } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';
import { storeWhenReady } from './when-ready.ts';
import { byteStoreContract, type StoreBed } from './byte-store-contract.ts';

async function redisBed(server: AsyncDisposable & { url: string }): Promise<StoreBed> {
  const prefix = randomUUID();
  return {
    open: () =>
      storeWhenReady(createRedisStore({ url: server.url, prefix, commandTimeoutMs: 5_000 })),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe('the shared store in the process', () => {
  byteStoreContract(async () => {
    const store: ByteStore = createLocalByteStore();
    return { open: async () => store, [Symbol.asyncDispose]: async () => undefined };
  });
});

describe('the shared store in PostgreSQL', () => {
  byteStoreContract(async () => {
    await using parts = new AsyncDisposableStack();
    const { url } = parts.use(await createTestDatabase());
    const database = openDatabase({ url, readConnectionsMax: 4, writeConnectionsMax: 4 });
    parts.defer(() => database.close());
    const owned = parts.move();
    return {
      open: async () =>
        createPostgresStore({
          read: statementRunner(database.read),
          write: statementRunner(database.write),
          // The worst rhythm: at every write.
          cleanUpEveryMs: 0,
        }),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  });
});

describeWith(['redis-server'], 'the shared store in Redis', (paths) => {
  byteStoreContract(async () => redisBed(await startRedis(paths['redis-server'])));
});

describeWith(['redis-server'], 'the shared store in a Redis Cluster of three masters', (paths) => {
  byteStoreContract(async () => redisBed(await startRedisCluster(paths['redis-server'])));
});

describeWith(
  ['redis-server'],
  'the shared store behind one address of a Redis Cluster',
  (paths) => {
    byteStoreContract(async () => {
      const cluster = await startRedisCluster(paths['redis-server']);
      return redisBed({
        url: cluster.nodes[1]!.url,
        [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
      });
    });
  },
);

const given = process.env['TEST_REDIS_URL'];
if (given !== undefined) {
  describe('the shared store in the Redis of TEST_REDIS_URL', () => {
    byteStoreContract(() => redisBed({ url: given, [Symbol.asyncDispose]: async () => undefined }));
  });
}

/** Four processes on one database, by each way of sharing, on real servers. */
import { describe } from 'vitest';
import { startRedis, startRedisCluster } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';
import { STORE_PATIENCE_MS } from './patience.ts';
import { processesContract } from './processes-contract.ts';
import { shareByPostgres, shareByRedis, shareLocally } from './sharing.ts';

const nothing = { [Symbol.asyncDispose]: async () => undefined };

describe('processes that share through PostgreSQL alone', () => {
  processesContract(async () => ({ share: shareByPostgres(), ...nothing }));
});

describe('members of one process', () => {
  processesContract(async () => ({ share: shareLocally(), ...nothing }));
});

describeWith(['redis-server'], 'processes that share through Redis', (paths) => {
  processesContract(async () => {
    const redis = await startRedis(paths['redis-server']);
    return {
      share: shareByRedis(redis.url, { commandTimeoutMs: STORE_PATIENCE_MS }),
      [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
    };
  });
});

describeWith(['redis-server'], 'processes that share through a Redis Cluster', (paths) => {
  processesContract(async () => {
    const cluster = await startRedisCluster(paths['redis-server']);
    return {
      share: shareByRedis(cluster.url, { commandTimeoutMs: STORE_PATIENCE_MS }),
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  });
});

/**
 * One load for everybody, by real processes: four of them are asked for one cold key 250 times each,
 * and the one that loads is killed.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../fixtures/database.ts';
import { startRedis, startRedisCluster } from '../fixtures/redis.ts';
import { describeWith } from '../fixtures/requires.ts';
import { until } from '../contract/when-ready.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { PATIENT } from './patience.ts';
import {
  sharingOf,
  type FromReader,
  type ReaderSettings,
  type ToReader,
} from './reader-process.ts';

const PROCESSES = 4;
const READS_EACH = 250;
const PROGRAM = new URL('./reader-process.ts', import.meta.url);
/** For four processes to start on a busy machine, and for whatever else takes seconds. */
const MS_MAX = 60_000;

interface Reader {
  /** Since it was told to read. */
  readonly said: readonly FromReader[];
  tell(message: ToReader): void;
  kill(): Promise<void>;
}

function startReader(settings: ReaderSettings): Reader {
  const child: ChildProcess = fork(PROGRAM, [JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const said: FromReader[] = [];
  child.on('message', (message: FromReader) => said.push(message));
  return {
    said,
    tell(message) {
      if (message !== 'let go') said.length = 0;
      child.send(message);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function coldKeyContract(openServer?: () => Promise<AsyncDisposable & { url: string }>): void {
  let parts: AsyncDisposableStack;
  let fleet: Fleet;
  let readers: Reader[];

  beforeAll(async () => {
    parts = new AsyncDisposableStack();
    const databaseUrl = parts.use(await createTestDatabase()).url;
    const server = openServer && parts.use(await openServer());
    const redis = server && { url: server.url, prefix: randomUUID() };
    const settings: ReaderSettings = { databaseUrl, redis };
    readers = Array.from({ length: PROCESSES }, () => startReader(settings));
    parts.defer(async () => {
      await Promise.all(readers.map((reader) => reader.kill()));
    });
    await until(() => readers.every(({ said }) => said.includes('ready')), MS_MAX);
    // Who learns of a project's insert only while it is loaded loads it again: this one's writes are
    // answered by all.
    const share = sharingOf(settings);
    fleet = parts.use(await createFleet({ ...PATIENT, members: 1, share, databaseUrl }));
    await fleet.settled();
  });
  afterAll(() => parts?.disposeAsync());

  const loads = (): number =>
    readers.flatMap(({ said }) => said).filter((message) => message === 'load').length;
  const answersOf = ({ said }: Reader) =>
    said.find((message) => typeof message === 'object')?.names;

  async function readAll(project: string): Promise<void> {
    for (const reader of readers) reader.tell({ read: project, times: READS_EACH });
    await until(() => readers.every(({ said }) => said.includes('asked')) && loads() > 0, MS_MAX);
  }
  async function letGo(asked: readonly Reader[]): Promise<void> {
    for (const reader of asked) reader.tell('let go');
    await until(() => asked.every((reader) => answersOf(reader) !== undefined), MS_MAX);
    for (const reader of asked) expect(answersOf(reader)).toEqual(['cold']);
  }

  it('is loaded once', async () => {
    await readAll(await fleet.addProject('cold'));
    await letGo(readers);
    expect(loads()).toBe(1);
  });

  it(
    'is loaded twice when the process that loads it is killed',
    { timeout: 3 * MS_MAX },
    async () => {
      await readAll(await fleet.addProject('cold'));
      const doomed = readers.find(({ said }) => said.includes('load'));
      await doomed!.kill();
      await until(() => loads() > 1, MS_MAX);
      await letGo(readers.filter((reader) => reader !== doomed));
      expect(loads()).toBe(2);
    },
  );
}

describe('a cold key that 4 processes read 250 times each, sharing through PostgreSQL,', () => {
  coldKeyContract();
});

describeWith(
  ['redis-server'],
  'a cold key that 4 processes read 250 times each, sharing through Redis,',
  (paths) => coldKeyContract(() => startRedis(paths['redis-server'])),
);

describeWith(
  ['redis-server'],
  'a cold key that 4 processes read 250 times each, sharing through a Redis Cluster,',
  (paths) => coldKeyContract(() => startRedisCluster(paths['redis-server'])),
);

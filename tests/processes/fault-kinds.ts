/**
 * Everything that is done to the processes and their servers. A fault begins, lasts as long as it is
 * told to, and heals itself, also when the run ends meanwhile. Faults of one `target` never
 * overlap, so that each can undo what it did; of different ones they do.
 */
import type { Random } from '../simulation/random.ts';
import type { ApiProcess } from './api-process.ts';
import type { Link } from '../fixtures/link.ts';
import type { OwnPostgres } from './own-postgres.ts';
import type { OwnRedis } from './own-redis.ts';
import { LEASE_MS } from './settings.ts';

export interface FaultScene {
  readonly random: Random;
  readonly processes: readonly ApiProcess[];
  /** One for each process. */
  readonly databaseLinks: readonly Link[];
  readonly redisLinks: readonly Link[];
  readonly postgres: OwnPostgres;
  readonly redis: OwnRedis | undefined;
  /** Waits; shorter when the run ends. */
  last(ms: number): Promise<void>;
  /** A transaction that changes a row and stays open meanwhile. */
  openTransaction(ms: number): Promise<void>;
}

export interface FaultKind {
  readonly name: string;
  /** `one` process, or all of them. */
  readonly whom: 'one' | 'all';
  readonly target:
    'database-link' | 'redis-link' | 'process' | 'redis' | 'database' | 'transaction';
  readonly msMin: number;
  readonly msMax: number;
  /** Where availability is measured: at the one it happens to, at the others, or at all. */
  readonly watched: 'it' | 'others' | 'all';
  /** Whether those it happens to may lose their lease by it. */
  readonly touchesLease: boolean;
  run(scene: FaultScene, fault: { slot: number; ms: number }): Promise<void>;
}

type LinkTarget = 'database-link' | 'redis-link';

/** Beyond every time-out that matters: a lease, a statement of the lease, a command. */
const DELAY_MS_MAX = 3_000;
const DELAY_MS_MIN = 20;
const REPLICATION_MS_MAX = 5_000;

function linkFaults(target: LinkTarget): FaultKind[] {
  const label = target === 'database-link' ? 'postgres' : 'redis';
  const link = (scene: FaultScene, slot: number): Link =>
    (target === 'database-link' ? scene.databaseLinks : scene.redisLinks)[slot]!;
  const base = {
    target,
    whom: 'one',
    watched: 'it',
    touchesLease: target === 'database-link',
  } as const;
  const mend = (scene: FaultScene, slot: number): void =>
    link(scene, slot).mend(scene.random.chance(0.5) ? 'deliver' : 'reset');
  return [
    {
      ...base,
      name: `${label}-cut`,
      msMin: 100,
      msMax: 2.5 * LEASE_MS,
      async run(scene, { slot, ms }) {
        link(scene, slot).cut();
        await scene.last(ms);
        link(scene, slot).mend('reset');
      },
    },
    {
      ...base,
      name: `${label}-slow`,
      msMin: 1_000,
      msMax: 3 * LEASE_MS,
      async run(scene, { slot, ms }) {
        const { random } = scene;
        // Half of them short: enough to reorder, too short for a time-out.
        const most = random.chance(0.5) ? DELAY_MS_MAX : DELAY_MS_MAX / 10;
        link(scene, slot).delay(random.between(DELAY_MS_MIN, most));
        await scene.last(ms);
        mend(scene, slot);
      },
    },
    {
      ...base,
      name: `${label}-half-open`,
      msMin: 500,
      msMax: 3 * LEASE_MS,
      async run(scene, { slot, ms }) {
        link(scene, slot).hold();
        await scene.last(ms);
        mend(scene, slot);
      },
    },
    {
      ...base,
      name: `${label}-vanished`,
      // Longer than it takes to give up the lease's connection, which is then made anew.
      msMin: 2.5 * LEASE_MS,
      msMax: 4 * LEASE_MS,
      async run(scene, { slot, ms }) {
        link(scene, slot).abandon();
        await scene.last(ms);
        link(scene, slot).mend('reset');
      },
    },
  ];
}

const onProcess = {
  target: 'process',
  whom: 'one',
  watched: 'others',
  touchesLease: true,
} as const;

const processFaults: FaultKind[] = [
  {
    ...onProcess,
    name: 'kill-9',
    msMin: 0,
    msMax: 1.5 * LEASE_MS,
    async run({ processes, last }, { slot, ms }) {
      processes[slot]!.hold();
      processes[slot]!.signal('SIGKILL');
      await last(ms);
      processes[slot]!.raise();
    },
  },
  {
    ...onProcess,
    name: 'restart',
    msMin: 500,
    msMax: 1_500,
    async run({ processes, last }, { slot, ms }) {
      processes[slot]!.signal('SIGTERM');
      await last(ms);
    },
  },
  {
    ...onProcess,
    name: 'sigstop',
    // Longer than a lease, or it would be no more than a slow answer.
    msMin: 1.05 * LEASE_MS,
    msMax: 2.2 * LEASE_MS,
    async run({ processes, last }, { slot, ms }) {
      processes[slot]!.signal('SIGSTOP');
      await last(ms);
      processes[slot]!.signal('SIGCONT');
    },
  },
];

function postgresRestart(how: 'fast' | 'immediate'): FaultKind {
  return {
    name: `postgres-restart-${how}`,
    target: 'database',
    whom: 'all',
    watched: 'all',
    touchesLease: true,
    msMin: 0,
    msMax: LEASE_MS,
    async run({ postgres, databaseLinks, last }, { ms }) {
      await postgres.stop(how);
      await last(ms);
      await postgres.start();
      for (const link of databaseLinks) link.leadTo(postgres.port());
    },
  };
}

const databaseFaults: FaultKind[] = [
  postgresRestart('fast'),
  postgresRestart('immediate'),
  {
    name: 'long-transaction',
    target: 'transaction',
    whom: 'all',
    watched: 'all',
    touchesLease: false,
    msMin: 2_000,
    // It is not cut short when the run ends.
    msMax: 6_000,
    run: (scene, { ms }) => scene.openTransaction(ms),
  },
];

const onRedis = { target: 'redis', whom: 'all', watched: 'all', touchesLease: false } as const;

const redisFaults: FaultKind[] = [
  {
    ...onRedis,
    name: 'redis-flushall',
    msMin: 0,
    msMax: 200,
    async run({ redis, last }, { ms }) {
      await redis!.current().command('FLUSHALL');
      await last(ms);
    },
  },
  {
    ...onRedis,
    name: 'redis-restart-empty',
    msMin: 50,
    msMax: 3_000,
    async run({ redis, last }, { ms }) {
      const server = redis!.current();
      await server.command('FLUSHALL');
      await server.command('SAVE');
      await redis!.stop(server);
      await last(ms);
      await redis!.start(server);
    },
  },
  {
    ...onRedis,
    name: 'redis-restart-old-data',
    msMin: 500,
    msMax: 4_000,
    async run({ redis, last, random }, { ms }) {
      const server = redis!.current();
      await server.command('SAVE');
      await last(ms);
      await redis!.stop(server);
      await last(random.between(0, 500));
      await redis!.start(server);
    },
  },
  {
    ...onRedis,
    name: 'redis-fail-over',
    msMin: 0,
    msMax: 1_500,
    async run(scene, { ms }) {
      const redis = scene.redis!;
      const [from, to] = [redis.current(), redis.other()];
      await to.command('REPLICAOF', '127.0.0.1', from.port);
      await replicated(scene, to);
      await to.command('REPLICAOF', 'NO', 'ONE');
      // Demoted with its clients still on it, or still a master while they leave one by one.
      if (scene.random.chance(0.5)) await from.command('REPLICAOF', '127.0.0.1', to.port);
      redis.swap();
      for (const link of scene.redisLinks) {
        await scene.last(ms / scene.redisLinks.length);
        link.leadTo(to.port);
      }
      await from.command('REPLICAOF', 'NO', 'ONE');
    },
  },
  {
    ...onRedis,
    name: 'redis-split',
    msMin: 500,
    msMax: 5_000,
    async run({ redis, redisLinks, random, last }, { ms }) {
      const astray = redisLinks.filter(() => random.chance(0.5));
      for (const link of astray) link.leadTo(redis!.other().port);
      await last(ms);
      for (const link of astray) link.leadTo(redis!.current().port);
    },
  },
  {
    ...onRedis,
    name: 'redis-frozen',
    msMin: 200,
    msMax: 4_000,
    async run({ redis, last }, { ms }) {
      redis!.current().freeze();
      await last(ms);
      redis!.current().thaw();
    },
  },
  {
    ...onRedis,
    name: 'redis-full',
    msMin: 500,
    msMax: 4_000,
    async run({ redis, last, random }, { ms }) {
      const server = redis!.current();
      const policy = random.pick(['noeviction', 'allkeys-lru']);
      await server.command('CONFIG', 'SET', 'maxmemory-policy', policy, 'maxmemory', '1mb');
      await last(ms);
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
    },
  },
];

async function replicated(
  { last }: FaultScene,
  replica: { command(...words: [string, ...string[]]): Promise<unknown> },
): Promise<void> {
  const giveUpAt = performance.now() + REPLICATION_MS_MAX;
  while (performance.now() < giveUpAt) {
    if (String(await replica.command('INFO', 'replication')).includes('master_link_status:up'))
      return;
    await last(50);
  }
}

export function faultKinds(withRedis: boolean): FaultKind[] {
  const everywhere = [...linkFaults('database-link'), ...processFaults, ...databaseFaults];
  return withRedis ? [...everywhere, ...linkFaults('redis-link'), ...redisFaults] : everywhere;
}

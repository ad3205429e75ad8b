/**
 * PostgreSQL slow, stopped, crashed, with nothing else to share through: what was good is answered,
 * marked so once the leases have run out; everything else ends within its time-out; and when it is
 * back all is as before without anybody doing anything.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { startLink, type Link } from '../fixtures/link.ts';
import { until } from '../contract/when-ready.ts';
import { startGuard } from '../processes/guard.ts';
import { startOwnPostgres, type OwnPostgres } from '../processes/own-postgres.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { howOf } from './member.ts';
import { shareByPostgres } from './sharing.ts';

const LEASE_MS = 1_000;
/** A look into the store, a wait for a slot, a load: each ends by itself; and a busy machine. */
const ANSWER_MS_MAX = 20_000;
const TEST_MS_MAX = 180_000;

describe('PostgreSQL', { timeout: TEST_MS_MAX }, () => {
  let parts: AsyncDisposableStack;
  let postgres: OwnPostgres;
  let link: Link;
  let fleet: Fleet;

  beforeAll(async () => {
    parts = new AsyncDisposableStack();
    const guard = startGuard();
    parts.defer(() => guard.close());
    postgres = parts.use(await startOwnPostgres(guard));
    link = parts.use(await startLink(postgres.port()));
    const databaseUrl = postgres.urlBehind(link.port);
    await migrate(databaseUrl);
    fleet = parts.use(
      await createFleet({
        members: 2,
        databaseUrl,
        share: shareByPostgres(),
        leaseMs: LEASE_MS,
        breaker: { retryMs: 100, retryMsMax: 400 },
      }),
    );
  });
  afterAll(() => parts?.disposeAsync());
  beforeEach(() => fleet.settled());

  async function inTime<T>(work: Promise<T>): Promise<T> {
    const startedMs = performance.now();
    try {
      return await work;
    } finally {
      expect(performance.now() - startedMs).toBeLessThan(ANSWER_MS_MAX);
    }
  }

  /** A project that both have read. */
  async function known(name: string): Promise<string> {
    const project = await fleet.addProject(name);
    for (const member of fleet.members) expect(await member.name(project)).toBe(name);
    return project;
  }

  async function expectAsBefore(project: string): Promise<void> {
    await fleet.settled();
    const [first, second] = fleet.members;
    await until(async () => {
      await first!.rename(project, 'after');
      return howOf(first!) === 'answered';
    });
    expect(await second!.name(project)).toBe('after');
    await until(async () => (await second!.read(project)).tier === 'l1');
  }

  it('takes two seconds for everything: what is answered is right, and nobody waits longer', async () => {
    const project = await known('before');
    link.delay(1_000);
    for (const { read } of fleet.members) {
      await until(async () => (await inTime(read(project))).tier !== 'l1');
      expect((await inTime(read(project))).value?.name).toBe('before');
    }
    const many = Array.from({ length: 50 }, () => fleet.members[0]!.name(crypto.randomUUID()));
    await inTime(Promise.allSettled(many));
    link.mend('deliver');
    await expectAsBefore(project);
  });

  it.each(['fast', 'immediate'] as const)('is stopped (%s) and started', async (how) => {
    const project = await known('before');
    await postgres.stop(how);
    for (const { read } of fleet.members) {
      await until(async () => (await inTime(read(project))).outcome === 'grace');
      expect((await inTime(read(project))).value?.name).toBe('before');
    }
    const unknown = fleet.members[0]!.name(crypto.randomUUID());
    await expect(inTime(unknown)).rejects.toThrow();
    await expect(inTime(fleet.members[0]!.rename(project, 'lost'))).rejects.toThrow();
    await postgres.start();
    link.leadTo(postgres.port());
    await expectAsBefore(project);
  });
});

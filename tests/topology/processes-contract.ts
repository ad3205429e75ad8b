/**
 * What several processes on one database promise together, whatever they share: called once for
 * each way of sharing.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runSql } from '../fixtures/sql.ts';
import { until } from '../contract/when-ready.ts';
import { createFleet, troublesOf, type Fleet } from './fleet.ts';
import { howOf } from './member.ts';
import { LONG_LEASE_MS, PATIENT } from './patience.ts';
import type { Sharing } from './sharing.ts';

const MEMBERS = 4;
const READS_EACH = 250;

export function processesContract(
  openSharing: () => Promise<AsyncDisposable & { share: Sharing }>,
) {
  let sharing: Awaited<ReturnType<typeof openSharing>>;
  let fleet: Fleet;

  beforeAll(async () => {
    sharing = await openSharing();
    fleet = await createFleet({
      members: MEMBERS,
      share: sharing.share,
      ...PATIENT,
    });
    await fleet.settled();
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await sharing?.[Symbol.asyncDispose]();
  });

  it('a write in one process is seen by all when it returns, and it does not wait for a lease', async () => {
    const project = await fleet.addProject('0');
    const waits: number[] = [];
    for (let round = 1; round <= 40; round += 1) {
      await Promise.all(fleet.members.map((member) => member.name(project)));
      const writer = fleet.members[round % MEMBERS]!;
      const startedMs = performance.now();
      await writer.rename(project, String(round));
      waits.push(performance.now() - startedMs);
      const seen = await Promise.all(fleet.members.map((member) => member.name(project)));
      expect(seen).toEqual(Array.from({ length: MEMBERS }, () => String(round)));
    }
    expect(waits.toSorted((a, b) => a - b)[20]).toBeLessThan(LONG_LEASE_MS / 4);
    for (const member of fleet.members) expect(howOf(member)).toBe('answered');
  });

  it('a write behind the back of the API is seen by all within a lease', async () => {
    const project = await fleet.addProject('before');
    await Promise.all(fleet.members.map((member) => member.name(project)));
    await runSql(fleet.databaseUrl, `UPDATE projects SET name = 'after' WHERE id = '${project}'`);
    const names = () => Promise.all(fleet.members.map((member) => member.name(project)));
    await until(async () => (await names()).every((name) => name === 'after'), LONG_LEASE_MS);
    expect(new Set(await names())).toEqual(new Set(['after']));
  });

  it('4 × 250 reads of one cold key at once make one load', async () => {
    const project = await fleet.addProject('cold');
    fleet.loads();
    const release = fleet.holdLoads();
    const reads = fleet.members.flatMap((member) =>
      Array.from({ length: READS_EACH }, () => member.name(project)),
    );
    await until(() => fleet.members.every(({ cache }) => cache.report().coherence.flights > 0));
    release();
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['cold']));
    expect(fleet.loads(), JSON.stringify(troublesOf(fleet))).toBe(1);
  });

  it('what one process has loaded, another takes from the shared store', async () => {
    const project = await fleet.addProject('shared');
    const [first, ...others] = fleet.members;
    await first!.name(project);
    fleet.loads();
    for (const other of others) {
      await until(async () => (await other.read(project)).value !== undefined);
      expect((await other.read(project)).value).toMatchObject({ id: project, name: 'shared' });
      expect((await other.read(project)).value?.createdAt).toBeInstanceOf(Date);
    }
    expect(fleet.loads(), JSON.stringify(troublesOf(fleet))).toBe(0);
  });

  it('writers and readers at once: no read is older than a write that returned before it', async () => {
    const project = await fleet.addProject('0');
    let acknowledged = 0;
    let next = 0;
    let reads = 0;
    const endsAt = performance.now() + 1_000;
    const write = async (): Promise<void> => {
      while (performance.now() < endsAt) {
        const value = (next += 1);
        await fleet.members[value % MEMBERS]!.rename(project, String(value));
        acknowledged = Math.max(acknowledged, value);
      }
    };
    const read = async (index: number): Promise<void> => {
      while (performance.now() < endsAt) {
        const least = acknowledged;
        const seen = Number(await fleet.members[index]!.name(project));
        reads += 1;
        expect(seen).toBeGreaterThanOrEqual(least);
      }
    };
    await Promise.all([write(), ...fleet.members.map((_, index) => read(index))]);
    expect(reads).toBeGreaterThan(next);
  });

  it('when the process that loads is killed, the others load once more', async () => {
    const doomed = fleet.members[MEMBERS - 1]!;
    const project = await fleet.addProject('orphan');
    fleet.loads();
    const release = fleet.holdLoads();
    void doomed.name(project).catch(() => undefined);
    await until(() => doomed.cache.report().coherence.loads > 0);
    await doomed.kill();
    const reads = fleet.members
      .slice(0, -1)
      .flatMap((member) => Array.from({ length: READS_EACH }, () => member.name(project)));
    // Nobody wakes them: they look again by themselves, and stop waiting for the dead.
    await until(() =>
      fleet.members.slice(0, -1).some(({ cache }) => cache.report().coherence.loads > 0),
    );
    release();
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['orphan']));
    expect(fleet.loads(), JSON.stringify(troublesOf(fleet))).toBe(2);
  });

  it('a write waits a lease at most for a process that was killed, and then for nobody', async () => {
    const project = await fleet.addProject('0');
    const [writer, other] = fleet.members;
    const startedMs = performance.now();
    await writer!.rename(project, '1');
    expect(performance.now() - startedMs).toBeLessThan(LONG_LEASE_MS * 1.5);
    expect(await other!.name(project)).toBe('1');
    await until(async () => {
      await writer!.rename(project, String(performance.now()));
      return howOf(writer!) === 'answered';
    });
  });
}

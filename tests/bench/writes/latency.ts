/**
 * What the promise costs a mutation in the healthy case: one UPDATE, on a table without triggers and
 * with no cache at all; with the cache, not waiting for others (`eventual`); and waiting until no
 * member can answer the old value (`lease`). With 1, 4 and 16 members, all in this process.
 */
import { eq, sql as query } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { measure, type Measured, type Variant } from '../harness.ts';
import { createLoading } from '../races/loading.ts';
import { openOurs, type OurInstance } from '../races/ours.ts';
import type { World } from '../races/world.ts';
import type { Servers } from '../servers.ts';

export const FLOOR = 'no cache';

export interface LatencyResult {
  readonly members: number;
  readonly measured: readonly Measured[];
}

const ROUNDS = 15;
const BATCH_MS = 150;

export async function measureLatency(servers: Servers, members: number): Promise<LatencyResult> {
  await using parts = new AsyncDisposableStack();
  const open = async (mode: 'lease' | 'eventual') => {
    const world = parts.use(await servers.createWorld());
    const fleet = await openFleet(world, { mode, members });
    parts.defer(async () => {
      await Promise.all(fleet.map((member) => member.close()));
    });
    const [key] = await world.addProjects(1);
    await Promise.all(fleet.map((member) => member.read(key!)));
    return { writer: fleet[0]!, key: key! };
  };
  const lease = await open('lease');
  const eventual = await open('eventual');
  const variants = [
    await plainVariant(lease.writer, lease.key),
    writeVariant('eventual', eventual.writer, eventual.key),
    writeVariant('lease', lease.writer, lease.key),
  ];
  const options = { rounds: ROUNDS, batchMs: BATCH_MS, clock: 'wall' } as const;
  return { members, measured: await measure(variants, options) };
}

async function openFleet(
  world: World,
  { mode, members }: { mode: 'lease' | 'eventual'; members: number },
): Promise<OurInstance[]> {
  const loading = createLoading();
  const fleet: OurInstance[] = [];
  for (let index = 0; index < members; index += 1) {
    fleet.push(await openOurs({ world, loading, clockBehindMs: 0, mode }));
  }
  // Until the whole fleet answers the one that writes.
  await fleet[0]!.ready();
  return fleet;
}

const plainProjects = pgTable('plain_projects', { id: uuid().primaryKey(), name: text() });

/** In a transaction, as a mutation is. */
async function plainVariant({ database }: OurInstance, key: string): Promise<Variant> {
  const db = drizzle(database.write);
  await db.execute(query`CREATE TABLE plain_projects (LIKE projects INCLUDING ALL)`);
  await db.execute(query`INSERT INTO plain_projects SELECT * FROM projects`);
  return {
    name: FLOOR,
    async run(times) {
      for (let done = 0; done < times; done += 1) {
        await db.transaction(async (tx) => {
          const name = String(done);
          await tx.update(plainProjects).set({ name }).where(eq(plainProjects.id, key));
        });
      }
    },
  };
}

function writeVariant(name: string, writer: OurInstance, key: string): Variant {
  return {
    name,
    async run(times) {
      for (let done = 0; done < times; done += 1) await writer.write(key, String(done));
    },
  };
}

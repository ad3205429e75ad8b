/**
 * What it costs to invalidate one tag that 1, 10³ or 10⁶ entries have: how many commands and
 * statements, and how long. All entries are in the memory of another member than the one that
 * writes; nothing of what happens is done entry by entry, so it is to cost the same.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { measure, type Measured, type Variant } from '../harness.ts';
import { createLoading } from '../races/loading.ts';
import { openOurs, type OurInstance } from '../races/ours.ts';
import type { RedisWorld } from '../races/world.ts';
import type { Servers } from '../servers.ts';

export interface InvalidationResult {
  readonly measured: readonly Measured[];
  readonly costs: readonly Cost[];
}

export interface Cost {
  readonly entries: number;
  readonly name: string;
  /** To Redis, of all members. */
  readonly commands: number;
  /** To PostgreSQL, without BEGIN and COMMIT. */
  readonly statements: number;
}

export const ENTRIES_MAX = 1_000_000;
const SIZES = [1, 1_000, ENTRIES_MAX];
/** While they are filled, with what is on its way to Redis: more than what one takes afterwards. */
const ENTRY_HEAP_BYTES = 10_000;
const READS_AT_ONCE = 500;
const ROUNDS = 15;
const BATCH_MS = 100;
const COUNTS = 10;
const QUIET_MS = 500;
/** Probes of journals go on. */
const QUIET_COMMANDS_MAX = 20;

export async function measureInvalidation(
  servers: Servers,
  say: (line: string) => void,
): Promise<InvalidationResult> {
  await using parts = new AsyncDisposableStack();
  const world = parts.use(await servers.createWorld());
  const loading = createLoading();
  let statements = 0;
  const onStatement = (): void => void (statements += 1);
  const memoryBytesMax = getHeapStatistics().heap_size_limit;
  const settings = { world, loading, clockBehindMs: 0, memoryBytesMax, onStatement };
  const open = async (): Promise<OurInstance> => {
    const member = await openOurs(settings);
    parts.defer(() => member.close());
    return member;
  };
  const holder = await open();
  const writer = await open();
  await writer.ready();

  const sizes = SIZES.map((size) => Math.min(size, entriesMax()));
  const keys = await world.addProjects(sizes.length);
  for (const [index, entries] of sizes.entries()) {
    say(`${entries.toLocaleString('en')} entries of one tag`);
    await fill(holder, { key: keys[index]!, entries });
  }
  await quiet(world);
  const costs: Cost[] = [];
  for (const [index, entries] of sizes.entries()) {
    const commands: number[] = [];
    const sent: number[] = [];
    for (let turn = 0; turn < COUNTS; turn += 1) {
      const before = await world.commandCount();
      statements = 0;
      await writer.write(keys[index]!, 'counted');
      sent.push(statements);
      commands.push((await world.commandCount()) - before);
    }
    // The fewest: now and then a journal's probe falls in between.
    const fewest = { commands: Math.min(...commands), statements: Math.min(...sent) };
    costs.push({ entries, name: nameOf(entries), ...fewest });
  }
  const variants: Variant[] = sizes.map((entries, index) => ({
    name: nameOf(entries),
    async run(times) {
      for (let done = 0; done < times; done += 1) {
        await writer.write(keys[index]!, String(done));
        // Used again, and so invalidated again by the next one.
        await holder.readPart(keys[index]!, 0);
      }
    },
  }));
  const options = { rounds: ROUNDS, batchMs: BATCH_MS, clock: 'wall' } as const;
  return { measured: await measure(variants, options), costs };
}

/** What was loaded last is stored behind the answers. */
async function quiet(world: RedisWorld): Promise<void> {
  let before: number;
  let now = await world.commandCount();
  do {
    before = now;
    await pause(QUIET_MS);
    now = await world.commandCount();
  } while (now - before > QUIET_COMMANDS_MAX);
}

function entriesMax(): number {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  return 10 ** Math.floor(Math.log10((limit - used) / ENTRY_HEAP_BYTES));
}

function nameOf(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries.toLocaleString('en')} entries`;
}

async function fill(
  holder: OurInstance,
  { key, entries }: { key: string; entries: number },
): Promise<void> {
  for (let from = 0; from < entries; from += READS_AT_ONCE) {
    const parts = Array.from(
      { length: Math.min(READS_AT_ONCE, entries - from) },
      (_, index) => from + index,
    );
    await Promise.all(parts.map((part) => holder.readPart(key, part)));
  }
}

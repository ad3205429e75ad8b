/**
 * What a hit in memory costs as more is kept: entries, tags of an entry, users. Each group is one
 * interleaved run; its floor is its smallest member.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defineCacheFor, type Cache } from '../../../src/cache/index.ts';
import { measure, type Measured, type Variant } from '../harness.ts';
import { openCache } from '../inprocess/ours.ts';
import { openFloor } from '../inprocess/peers.ts';

export interface Group {
  readonly floor: string;
  readonly measured: readonly Measured[];
}

export interface Memory {
  readonly entries: number;
  /** Of the heap, as V8 counts it after a collection. */
  readonly heapBytesEach: number;
  /** As the cache counts it against its bound. */
  readonly countedBytesEach: number;
}

const ENTRIES = [1_000, 10_000, 100_000, 1_000_000];
const TAGS = [1, 8, 32];
const USERS = [1, 100, 10_000];
/** Of the groups in which it is not their number that grows. */
const ENTRIES_FIXED = 10_000;
/** How many keys are asked for in turn, of however many there are. */
const HOT = 1_000;
/** More than a million of the small values take. */
const BYTES_MAX = 4 * 2 ** 30;
const FILLED_AT_ONCE = 500;
/** Prime to every number of keys, so that all are asked for, and none after its neighbour. */
const STRIDE = 7_919;
const ROUNDS = 15;
const BATCH_MS = 40;

interface Args {
  readonly userId: string;
  readonly id: string;
}

interface Filled {
  readonly cache: Cache<object>;
  readonly memory: Memory;
  get(args: Args): Promise<unknown>;
}

const idOf = (index: number): string =>
  `7d6f8c1e-5b2a-4e3f-9c8d-${String(index).padStart(12, '0')}`;

/** Small, so that a million fit: what is measured is finding them. */
async function fill(args: readonly Args[], tagsEach = 2): Promise<Filled> {
  const before = heapBytes();
  const cache = await openCache(BYTES_MAX);
  const definition = defineCacheFor<object>()({
    name: 'bench.small',
    scope: ({ userId }: Args) => `user:${userId}`,
    tags: ({ id }) => Array.from({ length: tagsEach }, (_, index) => `tag:${index}:${id}`),
    load: async ({ id }) => ({ id, order: 1, done: false }),
  });
  const get = (one: Args): Promise<unknown> => cache.get(definition, one);
  for (let from = 0; from < args.length; from += FILLED_AT_ONCE) {
    await Promise.all(args.slice(from, from + FILLED_AT_ONCE).map(get));
  }
  const { entries, bytes } = cache.report().store;
  if (entries !== args.length) throw new Error(`${entries} of ${args.length} entries were kept`);
  return {
    cache,
    get,
    memory: {
      entries,
      heapBytesEach: (heapBytes() - before) / entries,
      countedBytesEach: bytes / entries,
    },
  };
}

const collect = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Arguments are new each time, as requests' are. */
function asking({ get }: Pick<Filled, 'get'>, args: readonly Args[]) {
  let next = 0;
  return async (times: number): Promise<void> => {
    for (let done = 0; done < times; done += 1) {
      next = (next + STRIDE) % args.length;
      const { userId, id } = args[next]!;
      await get({ userId, id });
    }
  };
}

const oneUser = (count: number): Args[] =>
  Array.from({ length: count }, (_, index) => ({ userId: idOf(0), id: idOf(index) }));

/** Evenly spread over all of them. */
const hotOf = (args: readonly Args[]): Args[] =>
  Array.from({ length: HOT }, (_, index) => args[Math.floor((index * args.length) / HOT)]!);

async function measureGroup(variants: readonly Variant[]): Promise<Group> {
  if (variants.length === 0) return { floor: '', measured: [] };
  return {
    floor: variants[0]!.name,
    measured: await measure(variants, { rounds: ROUNDS, batchMs: BATCH_MS }),
  };
}

const SAME = `the same ${HOT.toLocaleString('en')} of`;
const named = (args: readonly Args[]): string => `${args.length.toLocaleString('en')} entries`;

const count = (n: number, what: string): string =>
  `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;

/**
 * What finding an object among so many costs the machine, whoever looks: its caches and page tables
 * are no larger for us than for others.
 */
async function fillLru(args: readonly Args[]): Promise<Pick<Filled, 'get'>> {
  const lru = await openFloor((id) => ({ id, order: 1, done: false }), args.length);
  for (const { id } of args) await lru.read(id);
  return { get: ({ id }) => lru.read(id) };
}

/** @param peers  whether they are installed: lru-cache is one */
export async function measureEntries(say: (line: string) => void, peers: boolean) {
  const filled: { args: Args[]; into: Filled; lru: Pick<Filled, 'get'> | undefined }[] = [];
  for (const entries of ENTRIES) {
    say(`${entries.toLocaleString('en')} entries`);
    const args = oneUser(entries);
    const lru = peers ? await fillLru(args) : undefined;
    filled.push({ args, into: await fill(args), lru });
  }
  const beside = (asked: (args: Args[]) => readonly Args[], what: string): Variant[] =>
    filled.flatMap(({ args, lru }) =>
      lru ? [{ name: `lru-cache, ${what} ${named(args)}`, run: asking(lru, asked(args)) }] : [],
    );
  const hot = filled.map(({ args, into }) => ({
    name: `${SAME} ${named(args)}`,
    run: asking(into, hotOf(args)),
  }));
  const any = filled.map(({ args, into }) => ({
    name: `any of ${named(args)}`,
    run: asking(into, args),
  }));
  const groups = [
    await measureGroup(hot),
    await measureGroup(beside(hotOf, SAME)),
    await measureGroup(any),
    await measureGroup(beside((args) => args, 'any of')),
  ];
  for (const { into } of filled) await into.cache.close();
  return { groups, memory: filled.map(({ into }) => into.memory) };
}

export async function measureTags(): Promise<Group> {
  const args = oneUser(ENTRIES_FIXED);
  return measureFilled(TAGS, async (tags) => ({
    name: count(tags, 'tag'),
    filled: await fill(args, tags),
    args,
  }));
}

export async function measureUsers(): Promise<Group> {
  return measureFilled(USERS, async (users) => {
    const args = Array.from({ length: ENTRIES_FIXED }, (_, index) => ({
      userId: idOf(index % users),
      id: idOf(index),
    }));
    return { name: count(users, 'user'), filled: await fill(args), args };
  });
}

async function measureFilled(
  sizes: readonly number[],
  make: (size: number) => Promise<{ name: string; filled: Filled; args: readonly Args[] }>,
): Promise<Group> {
  const made: Awaited<ReturnType<typeof make>>[] = [];
  for (const size of sizes) made.push(await make(size));
  const group = await measureGroup(
    made.map(({ name, filled, args }) => ({ name, run: asking(filled, args) })),
  );
  for (const { filled } of made) await filled.cache.close();
  return group;
}

/** A load that is worth a wait: what two processes do when the store between them says nothing for a moment. */
import { expect, it } from 'vitest';
import { createLocalByteStore, type ByteStore } from '../../src/cache/index.ts';
import { define, openStudio, type Studio } from './studio.ts';

/** As long as the store's own patience, by the studio's clock. */
const STALL_MS = 200;

type Stalling = 'get' | 'claim' | 'set';

/** A store that fails calls of one process: at once, or after a silence. */
function troubled(store: ByteStore, silence: () => void, left: Record<Stalling, number>) {
  const calls = { get: 0, claim: 0, set: 0 };
  const failing =
    <Args extends unknown[], R>(kind: Stalling, call: (...args: Args) => Promise<R>) =>
    async (...args: Args): Promise<R> => {
      calls[kind] += 1;
      if (left[kind] <= 0) return call(...args);
      left[kind] -= 1;
      silence();
      throw new Error('no answer');
    };
  const behind: ByteStore = {
    ...store,
    get: failing('get', store.get),
    claim: failing('claim', store.claim),
    set: failing('set', store.set),
  };
  return { behind, calls };
}

/** One process holds the claim and loads; another comes, and meets a store in trouble. */
async function race(options: {
  storePatienceMs?: number;
  silenceMs: number;
  left: Partial<Record<Stalling, number>>;
}) {
  const { storePatienceMs, silenceMs } = options;
  const store = createLocalByteStore();
  let late: Studio | undefined;
  const stall = () => late?.advance(silenceMs);
  const { behind, calls } = troubled(store, stall, { get: 0, claim: 0, set: 0, ...options.left });
  await using first = await openStudio({ shared: { store } });
  await using second = (late = await openStudio({ beside: first, shared: { store: behind } }));
  let loads = 0;
  const answer = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const dear = define({
    name: 'dear',
    freshness: storePatienceMs === undefined ? {} : { storePatienceMs },
    tags: ({ id }: { id: string }) => [`scene:${id}`],
    load: () => {
      loads += 1;
      begun.resolve();
      return loads === 1 ? answer.promise : Promise.resolve('a second one');
    },
  });
  const one = first.cache.get(dear, { id: '1' });
  await begun.promise;
  const two = second.cache.get(dear, { id: '1' });
  setTimeout(() => answer.resolve('the one'), 50);
  return { answers: await Promise.all([one, two]), loads, calls };
}

it.each<[what: string, left: Partial<Record<Stalling, number>>]>([
  ['claims', { claim: 3 }],
  ['looks, from the first on', { get: 3 }],
  ['both', { get: 2, claim: 2 }],
])('a silence in %s is no second load where the load is dear', async (_what, left) => {
  const { answers, loads } = await race({ storePatienceMs: 2_000, silenceMs: STALL_MS, left });
  expect(answers).toEqual(['the one', 'the one']);
  expect(loads).toBe(1);
});

it.each<[what: string, patience: { storePatienceMs?: number }, silenceMs: number]>([
  ['an ordinary load', {}, STALL_MS],
  ['a store that is away', { storePatienceMs: 2_000 }, 0],
])('it is not waited for by %s', async (_what, patience, silenceMs) => {
  const { answers, loads, calls } = await race({ ...patience, silenceMs, left: { claim: 9 } });
  expect(answers).toEqual(['the one', 'a second one']);
  expect({ loads, claims: calls.claim }).toEqual({ loads: 2, claims: 1 });
});

it('what was loaded is stored for the others, also after a silence', async () => {
  const store = createLocalByteStore();
  let late: Studio | undefined;
  const left = { get: 0, claim: 0, set: 2 };
  const { behind } = troubled(store, () => late?.advance(STALL_MS), left);
  await using first = (late = await openStudio({ shared: { store: behind } }));
  await using second = await openStudio({ beside: first, shared: { store } });
  let loads = 0;
  const dear = define({
    name: 'dear',
    freshness: { storePatienceMs: 2_000 },
    tags: ({ id }: { id: string }) => [`scene:${id}`],
    load: async () => `load ${(loads += 1)}`,
  });
  expect(await first.cache.get(dear, { id: '1' })).toBe('load 1');
  await expect.poll(() => second.cache.get(dear, { id: '1' })).toBe('load 1');
  expect(left.set).toBe(0);
});

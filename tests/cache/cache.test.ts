import superjson from 'superjson';
import { describe, expect, it, vi } from 'vitest';
import { ALL_CACHES, cacheTag, createLocalByteStore } from '../../src/cache/index.ts';
import { ENTRY_BYTES_MAX, TAGS_PER_ENTRY_MAX } from '../../src/cache/options.ts';
import { define, LEASE_MS, openStudio } from './studio.ts';

const MINUTE = 60_000;

describe('a single process answers', () => {
  it('from the source once, and from memory after that', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'a');
    const miss = await studio.cache.read(studio.scene, { id: '1' });
    const hit = await studio.cache.read(studio.scene, { id: '1' });
    expect(miss).toMatchObject({ value: 'a', outcome: 'miss', tier: 'source' });
    expect(hit).toMatchObject({ value: 'a', outcome: 'hit', tier: 'l1' });
    expect(studio.loads()).toBe(1);
    expect(studio.counts()).toMatchObject({ misses: 1, l1Hits: 1, hitRate: 0.5, entries: 1 });
  });

  it('when it was stored, until when it is valid and what it depends on', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'a');
    const { storedAt } = await studio.cache.read(studio.scene, { id: '1' });
    studio.advance(1_000);
    expect(await studio.cache.read(studio.scene, { id: '1' })).toMatchObject({
      storedAt,
      validUntil: storedAt + MINUTE,
      deps: expect.arrayContaining(['scene:1', 'table:scenes', 'cache:scene', 'cache:*']) as [],
    });
  });

  it('anew after a write, at once and for what was written alone', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'a').set('2', 'b');
    const read = (id: string) => studio.cache.get(studio.scene, { id });
    await Promise.all([read('1'), read('2')]);
    await studio.write('1', 'a2');
    expect([await read('1'), await read('2')]).toEqual(['a2', 'b']);
    expect(studio.loads()).toBe(3);
    expect(studio.counts()).toMatchObject({ invalidations: 1, misses: 3 });
  });

  it('a thousand readers at once with one load', async () => {
    await using studio = await openStudio();
    studio.source.set('1', { deep: [1] });
    const reads = Array.from({ length: 1_000 }, () => studio.cache.get(studio.scene, { id: '1' }));
    const values = new Set(await Promise.all(reads));
    expect(values.size).toBe(1);
    expect(studio.loads()).toBe(1);
    expect(studio.counts()).toMatchObject({ misses: 1, joined: 999, hitRate: 0.999 });
  });

  it('the very entries of places in memory, and none when one of them is another by now', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'a').set('2', 'b');
    const { cache, scene } = studio;
    const peek = (id: string) => cache.peek(scene, { id });
    await Promise.all(['1', '2'].map((id) => cache.get(scene, { id })));
    const places = [peek('1')!.place!, peek('2')!.place!];
    const recalled = cache.recall(places)!;
    expect(recalled.map(({ value }) => value)).toEqual(['a', 'b']);
    const before = studio.counts().l1Hits;
    cache.countHits(recalled);
    expect(studio.counts().l1Hits).toBe(before + 2);

    cache.setEnabled('scene', false);
    expect(cache.recall(places)).toBeUndefined();
    cache.setEnabled('scene', true);
    expect(cache.recall(places)).toHaveLength(2);
    await studio.write('2', 'b2');
    expect(cache.recall(places)).toBeUndefined();
    await cache.get(scene, { id: '2' });
    expect(peek('2')!.value).toBe('b2');
    expect(cache.recall(places)).toBeUndefined();
    expect(cache.recall(places.slice(0, 1))).toHaveLength(1);
    studio.advance(MINUTE);
    expect(cache.recall(places.slice(0, 1))).toBeUndefined();
  });

  it('one scope\u2019s entry to nobody else', async () => {
    await using studio = await openStudio();
    const mine = define({
      name: 'mine',
      scope: ({ userId }: { userId: string; id: string }) => `user:${userId}`,
      tags: () => [],
      load: ({ userId }) => Promise.resolve(`of ${userId}`),
    });
    expect(await studio.cache.get(mine, { userId: '1', id: '7' })).toBe('of 1');
    expect(await studio.cache.get(mine, { userId: '2', id: '7' })).toBe('of 2');
    expect(studio.counts('mine')).toMatchObject({ misses: 2, l1Hits: 0 });
  });

  it('bytes to each reader in a copy', async () => {
    await using studio = await openStudio();
    studio.source.set('1', { data: Buffer.from([1, 2]) });
    const read = () => studio.cache.get(studio.scene, { id: '1' }) as Promise<{ data: Uint8Array }>;
    (await read()).data[0] = 99;
    ((await studio.cache.fromSource(studio.scene, { id: '1' })) as { data: Uint8Array }).data[0] =
      9;
    expect((await read()).data).toEqual(new Uint8Array([1, 2]));
  });
});

describe('from a store that a secret seals', () => {
  const secret = 's'.repeat(32);

  it('what is read is decoded when the value is asked for, once, and is like that of a load', async () => {
    const store = createLocalByteStore();
    const given = { when: new Date(5), set: new Set(['a']) };
    await using first = await openStudio({ shared: { store, secret } });
    first.source.set('1', given);
    await first.cache.read(first.scene, { id: '1' });

    await using second = await openStudio({ shared: { store, secret }, beside: first });
    const read = await second.cache.read(second.scene, { id: '1' });
    expect(read).toMatchObject({ outcome: 'hit', tier: 'l2', absent: false });
    expect(read.stored?.text).toBe(superjson.stringify(given));
    const { value } = read;
    expect(value).toEqual(given);
    expect(Object.isFrozen(value)).toBe(true);
    expect(read.stored).toBeUndefined();
    expect(read.value).toBe(value);
    expect(await second.cache.get(second.scene, { id: '1' })).toBe(value);
    expect(second.counts()).toMatchObject({ l2Hits: 1, l1Hits: 1 });
    expect(second.loads()).toBe(0);
  });

  it('an absence is known without decoding it', async () => {
    const store = createLocalByteStore();
    await using first = await openStudio({ shared: { store, secret } });
    await first.cache.read(first.scene, { id: 'none' });
    await using second = await openStudio({ shared: { store, secret }, beside: first });
    const read = await second.cache.read(second.scene, { id: 'none' });
    expect(read).toMatchObject({ tier: 'l2', absent: true });
    expect([read.stored?.text, read.value]).toEqual([superjson.stringify(undefined), undefined]);
  });
});

describe('time', () => {
  it('ends an entry after its TTL, which is counted once', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'a');
    await studio.cache.get(studio.scene, { id: '1' });
    studio.advance(MINUTE - 1);
    expect(await studio.cache.read(studio.scene, { id: '1' })).toMatchObject({ outcome: 'hit' });
    studio.advance(1);
    const reads = Array.from({ length: 10 }, () => studio.cache.read(studio.scene, { id: '1' }));
    expect((await Promise.all(reads))[0]).toMatchObject({ outcome: 'miss' });
    expect(studio.loads()).toBe(2);
    expect(studio.counts()).toMatchObject({ expirations: 1, invalidations: 0 });
  });

  it.each([
    [0, MINUTE],
    [0.5, 0.95 * MINUTE],
    [0.999_999, 0.9 * MINUTE],
  ])('is shortened by up to 10%%: by chance %d to %d ms', async (chance, ttlMs) => {
    await using studio = await openStudio({ random: () => chance });
    studio.source.set('1', 'a');
    const { storedAt, validUntil } = await studio.cache.read(studio.scene, { id: '1' });
    expect(validUntil - storedAt).toBe(ttlMs);
  });

  it('keeps an absence only briefly, and a creation ends it', async () => {
    await using studio = await openStudio();
    const read = () => studio.cache.read(studio.scene, { id: '1' });
    expect(await read()).toMatchObject({ value: undefined, outcome: 'miss' });
    studio.advance(4_999);
    expect(await read()).toMatchObject({ value: undefined, outcome: 'hit' });
    studio.advance(1);
    expect(await read()).toMatchObject({ value: undefined, outcome: 'miss' });
    await studio.write('1', 'created');
    expect(await read()).toMatchObject({ value: 'created' });
    expect(studio.counts()).toMatchObject({ negative: 2 });
  });

  it('never makes an entry outlive its value\u2019s own end, not even in grace', async () => {
    await using studio = await openStudio();
    let end = new Date(0);
    let fails = false;
    const session = define({
      name: 'session',
      freshness: { ttlMs: MINUTE, graceMs: MINUTE, staleMs: MINUTE },
      tags: () => [],
      load: () => (fails ? Promise.reject(new Error('down')) : Promise.resolve({ end })),
      validUntil: (value) => value.end,
    });
    const now = (await studio.cache.read(session, 1)).storedAt;
    end = new Date(now + 10_000);
    const read = () => studio.cache.read(session, 2);
    expect(await read()).toMatchObject({ validUntil: now + 10_000 });
    fails = true;
    studio.advance(9_999);
    expect(await read()).toMatchObject({ outcome: 'hit' });
    studio.advance(1);
    await expect(read()).rejects.toThrow('down');
  });

  it('answers a stale value at once and refreshes it behind', async () => {
    await using studio = await openStudio({ freshness: { scene: { staleMs: MINUTE } } });
    studio.source.set('1', 'a');
    const read = () => studio.cache.read(studio.scene, { id: '1' });
    await read();
    studio.source.set('1', 'b');
    studio.advance(MINUTE);
    expect(await read()).toMatchObject({ value: 'a', outcome: 'stale', tier: 'l1' });
    await vi.waitFor(async () => expect(await read()).toMatchObject({ value: 'b' }));
    expect(studio.loads()).toBe(2);
    expect(studio.counts()).toMatchObject({ expirations: 1 });
    expect(studio.counts().stale).toBeGreaterThan(0);
  });

  it('lets a stale value be answered, but none that a write has replaced', async () => {
    await using studio = await openStudio({ freshness: { scene: { staleMs: MINUTE } } });
    studio.source.set('1', 'a');
    const read = () => studio.cache.read(studio.scene, { id: '1' });
    await read();
    studio.advance(MINUTE);
    await studio.write('1', 'b');
    expect(await read()).toMatchObject({ value: 'b', outcome: 'miss' });
  });

  it('is renewed behind a hit after its share of the TTL, so that it never expires', async () => {
    await using studio = await openStudio({ freshness: { scene: { earlyRefresh: 0.5 } } });
    studio.source.set('1', 'a');
    const read = () => studio.cache.read(studio.scene, { id: '1' });
    await read();
    studio.source.set('1', 'b');
    studio.advance(MINUTE / 2 - 1);
    expect(await read()).toMatchObject({ value: 'a', outcome: 'hit' });
    expect(studio.loads()).toBe(1);
    studio.advance(1);
    expect(await read()).toMatchObject({ value: 'a', outcome: 'hit' });
    await vi.waitFor(async () => {
      expect(await read()).toMatchObject({ value: 'b', outcome: 'hit' });
    });
    expect(studio.loads()).toBe(2);
    expect(studio.counts()).toMatchObject({ expirations: 0 });
  });

  it('does not keep readers waiting beyond the soft time-out while there is grace', async () => {
    await using studio = await openStudio({ freshness: { scene: { softTimeoutMs: 5 } } });
    const slow = Promise.withResolvers<string>();
    studio.source.set('1', 'a');
    const read = () => studio.cache.read(studio.scene, { id: '1' });
    await read();
    studio.source.set('1', slow.promise);
    studio.advance(MINUTE);
    expect(await read()).toMatchObject({ value: 'a', outcome: 'grace' });
    slow.resolve('b');
    await vi.waitFor(async () => {
      expect(await read()).toMatchObject({ value: 'b', outcome: 'hit' });
    });
    expect(studio.loads()).toBe(2);
  });

  it.each([0, 1, -0.5, NaN])('with a share that is none is refused: %d', async (earlyRefresh) => {
    await using studio = await openStudio({ freshness: { scene: { earlyRefresh } } });
    await expect(studio.cache.get(studio.scene, { id: '1' })).rejects.toMatchObject({
      code: 'definition',
      message: `scene: earlyRefresh is ${earlyRefresh}, not between 0 and 1`,
    });
  });

  it('of a deployment wins over the definition\u2019s', async () => {
    await using studio = await openStudio({ freshness: { scene: { ttlMs: 5 } } });
    studio.source.set('1', 'a');
    const { storedAt, validUntil } = await studio.cache.read(studio.scene, { id: '1' });
    expect(validUntil - storedAt).toBe(5);
  });

  it.each([NaN, -1, Infinity])('that is no duration is refused: %d', async (ttlMs) => {
    await using studio = await openStudio({ freshness: { scene: { ttlMs } } });
    await expect(studio.cache.get(studio.scene, { id: '1' })).rejects.toMatchObject({
      code: 'definition',
      message: `scene: ttlMs is ${ttlMs}, not a number of milliseconds`,
    });
  });
});

describe('a failing source', () => {
  it('is covered by the last good value within its grace, and no longer', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'good');
    const read = () => studio.cache.read(studio.scene, { id: '1' });
    await read();
    studio.source.set('1', new Error('down'));
    studio.advance(MINUTE);
    expect(await read()).toMatchObject({ value: 'good', outcome: 'grace', tier: 'l1' });
    studio.advance(30_000);
    await expect(read()).rejects.toThrow('down');
    expect(studio.counts()).toMatchObject({ grace: 1, errors: 1, expirations: 1 });
  });

  it('is not covered by a value that a write has replaced, nor without a grace period', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'old').set('2', 'old');
    const strictly = define({
      ...studio.scene,
      name: 'strictly',
      freshness: { graceMs: 0, ttlMs: 9 },
    });
    await studio.cache.get(studio.scene, { id: '1' });
    await studio.cache.get(strictly, { id: '2' });
    await studio.write('1', new Error('down'));
    studio.source.set('2', new Error('down'));
    studio.advance(9);
    await expect(studio.cache.get(studio.scene, { id: '1' })).rejects.toThrow('down');
    await expect(studio.cache.get(strictly, { id: '2' })).rejects.toThrow('down');
  });

  it('is not remembered, and its error reaches every reader as it is', async () => {
    await using studio = await openStudio();
    const error = new Error('down');
    studio.source.set('1', error);
    const reads = await Promise.allSettled(
      Array.from({ length: 3 }, () => studio.cache.get(studio.scene, { id: '1' })),
    );
    for (const read of reads) expect(read).toEqual({ status: 'rejected', reason: error });
    expect(studio.loads()).toBe(1);
    studio.source.set('1', 'up again');
    expect(await studio.cache.get(studio.scene, { id: '1' })).toBe('up again');
    expect(studio.counts()).toMatchObject({ errors: 3, misses: 1, entries: 1 });
  });

  it('that throws at once is no different', async () => {
    await using studio = await openStudio();
    const broken = define({
      name: 'broken',
      tags: () => [],
      load: () => {
        throw new Error('at once');
      },
    });
    await expect(studio.cache.get(broken, {})).rejects.toThrow('at once');
    await expect(studio.cache.get(broken, {})).rejects.toThrow('at once');
    expect(studio.cache.report().coherence).toMatchObject({ flights: 0, loads: 0 });
  });
});

describe('a load that never settles', () => {
  async function openHanging() {
    const studio = await openStudio();
    let hangs = true;
    let aborted = 0;
    const hanging = define({
      name: 'hanging',
      freshness: { loadTimeoutMs: 5_000 },
      tags: () => [],
      load(_args: unknown, { signal }) {
        signal.addEventListener('abort', () => (aborted += 1));
        return hangs ? new Promise<string>(() => undefined) : Promise.resolve('done');
      },
    });
    return { studio, hanging, recover: () => (hangs = false), aborts: () => aborted };
  }

  it('ends for its readers after its limit, is aborted, and does not poison its key', async () => {
    const { studio, hanging, recover, aborts } = await openHanging();
    await using _closing = studio;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const reads = Promise.allSettled([
        studio.cache.get(hanging, 1),
        studio.cache.get(hanging, 1),
      ]);
      await vi.advanceTimersByTimeAsync(5_000);
      for (const read of await reads) {
        expect(read).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
      }
    } finally {
      vi.useRealTimers();
    }
    expect(aborts()).toBe(1);
    expect(studio.cache.report().coherence).toMatchObject({ flights: 0, loads: 0 });
    recover();
    expect(await studio.cache.get(hanging, 1)).toBe('done');
  });

  it('does not keep the process from closing', async () => {
    const { studio, hanging } = await openHanging();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const reads = Promise.allSettled([studio.cache.get(hanging, 1)]);
      await studio.cache.close();
      expect(studio.directory.memberIds).toEqual([]);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await reads).toMatchObject([{ status: 'rejected', reason: { code: 'timeout' } }]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what must not be kept is answered all the same', () => {
  it.each([
    ['too large', () => 'x'.repeat(ENTRY_BYTES_MAX / 2 + 1), { tooLarge: 2 }],
    [
      'just not too large',
      () => 'x'.repeat(ENTRY_BYTES_MAX / 2 - 100),
      { tooLarge: 0, entries: 1 },
    ],
  ])('%s', async (_what, make, counts) => {
    await using studio = await openStudio();
    studio.source.set('1', make());
    for (const _time of [1, 2]) {
      expect(await studio.cache.get(studio.scene, { id: '1' })).toBe(make());
    }
    expect(studio.counts()).toMatchObject(counts);
  });

  it('what its loader says is not to be kept', async () => {
    await using studio = await openStudio();
    let calls = 0;
    const build = define({
      name: 'build',
      tags: () => [],
      load(_args: unknown, { doNotKeep }) {
        calls += 1;
        if (calls === 1) doNotKeep();
        return Promise.resolve({ ok: calls > 1 });
      },
    });
    expect(await studio.cache.get(build, 1)).toEqual({ ok: false });
    expect(await studio.cache.get(build, 1)).toEqual({ ok: true });
    expect(await studio.cache.read(build, 1)).toMatchObject({ outcome: 'hit' });
  });

  it('what depends on more than can be listed: no change may go unnoticed', async () => {
    await using studio = await openStudio();
    const list = (count: number) =>
      define({
        name: `list${count}`,
        tags: () => [],
        load(_args: unknown, { depend, touch }) {
          touch('scenes');
          depend(...Array.from({ length: count }, (_, id) => `scene:${id}`));
          return Promise.resolve([...studio.source.values()]);
        },
      });
    const [few, many] = [list(TAGS_PER_ENTRY_MAX - 3), list(TAGS_PER_ENTRY_MAX)];
    for (const _time of [1, 2]) {
      expect(await studio.cache.get(few, 1)).toEqual([]);
      expect(await studio.cache.get(many, 1)).toEqual([]);
    }
    expect(studio.counts(few.name)).toMatchObject({ l1Hits: 1, tooManyTags: 0 });
    expect(studio.counts(many.name)).toMatchObject({ l1Hits: 0, tooManyTags: 2 });
    await studio.write('7', 'new');
    expect(await studio.cache.get(few, 1)).toEqual(['new']);
    expect(await studio.cache.get(many, 1)).toEqual(['new']);
  });

  const forgetful = define({
    name: 'forgetful',
    freshness: { ttlMs: MINUTE, graceMs: MINUTE },
    tags: () => ['project:1'],
    load(_args: unknown, { touch }) {
      touch('projects');
      touch('scenes');
      return Promise.resolve('value');
    },
  });

  it('what reads a table that its tags do not cover, where that does not throw', async () => {
    const reports: string[][] = [];
    await using studio = await openStudio({
      strict: false,
      onUncovered: (...report) => reports.push(report),
    });
    expect(await studio.cache.get(forgetful, 1)).toBe('value');
    expect(await studio.cache.read(forgetful, 1)).toMatchObject({ outcome: 'miss' });
    expect(studio.counts('forgetful')).toMatchObject({ uncovered: 2, entries: 0 });
    expect(reports[0]).toEqual(['forgetful', 'forgetful cannot be cached: it reads scenes']);
  });

  it('and throws in development, whether the cache is on or off', async () => {
    await using studio = await openStudio();
    const refusal = { code: 'uncovered', message: 'forgetful cannot be cached: it reads scenes' };
    await expect(studio.cache.get(forgetful, 1)).rejects.toMatchObject(refusal);
    studio.cache.setEnabled(undefined, false);
    await expect(studio.cache.get(forgetful, 1)).rejects.toMatchObject(refusal);
  });

  it('and is not hidden by the grace of a value from before', async () => {
    await using studio = await openStudio();
    let reads = ['projects'];
    const changing = define({
      ...forgetful,
      name: 'changing',
      load(_args: unknown, { touch }) {
        for (const table of reads) touch(table);
        return Promise.resolve('value');
      },
    });
    await studio.cache.get(changing, 1);
    reads = ['projects', 'scenes'];
    studio.advance(MINUTE);
    await expect(studio.cache.get(changing, 1)).rejects.toMatchObject({ code: 'uncovered' });
  });

  it('what reads a table without its triggers', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'a');
    studio.cache.distrustTables(['scenes']);
    for (const _time of [1, 2]) await studio.cache.get(studio.scene, { id: '1' });
    expect(studio.loads()).toBe(2);
    expect(studio.counts()).toMatchObject({ misses: 2, entries: 0 });
  });

  it('what is no plain data is refused by name', async () => {
    await using studio = await openStudio();
    studio.source.set('1', { url: new URL('http://a.example') });
    await expect(studio.cache.get(studio.scene, { id: '1' })).rejects.toMatchObject({
      code: 'definition',
      message: 'scene: a cached value may not hold a URL',
    });
  });
});

describe('tags', () => {
  it('found out during the load invalidate like declared ones', async () => {
    await using studio = await openStudio();
    const list = define({
      name: 'list',
      tags: () => ['project:1'],
      load(_args: unknown, { depend, touch }) {
        touch('scenes');
        depend('scene:7');
        return Promise.resolve([...studio.source.values()]);
      },
    });
    expect(await studio.cache.get(list, 1)).toEqual([]);
    await studio.write('7', 'seven');
    expect(await studio.cache.get(list, 1)).toEqual(['seven']);
    await studio.write('8', 'eight');
    expect(await studio.cache.read(list, 1)).toMatchObject({ outcome: 'hit' });
  });

  it('of a whole table invalidate what depends on any of its rows', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'a');
    await studio.cache.get(studio.scene, { id: '1' });
    studio.source.set('1', 'b');
    await studio.cache.written(studio.directory.commit('table:scenes'));
    expect(await studio.cache.get(studio.scene, { id: '1' })).toBe('b');
  });

  it.each([
    ['one cache', cacheTag('scene'), 1],
    ['all caches', ALL_CACHES, 2],
  ])('flush %s', async (_what, tag, invalidated) => {
    await using studio = await openStudio();
    const other = define({ ...studio.scene, name: 'other' });
    const readBoth = () =>
      Promise.all([
        studio.cache.get(studio.scene, { id: '1' }),
        studio.cache.get(other, { id: '1' }),
      ]);
    await readBoth();
    await studio.cache.written(studio.directory.commit(tag));
    await readBoth();
    expect(studio.loads()).toBe(2 + invalidated);
  });
});

describe('switches', () => {
  it('turn one cache or all off and on at run time, with the same answers', async () => {
    await using studio = await openStudio();
    studio.source.set('1', new Map([['at', new Date(1)]]));
    const { cache, scene } = studio;
    const read = () => cache.read(scene, { id: '1' });
    const cached = await read();
    for (const name of ['scene', undefined]) {
      cache.setEnabled(name, false);
      const bypassed = await read();
      expect(bypassed).toMatchObject({ outcome: 'bypass', tier: 'source' });
      expect(bypassed.value).toStrictEqual(cached.value);
      expect(() => (bypassed.value as Map<string, Date>).clear()).toThrow(/immutable/);
      expect(studio.counts()).toMatchObject({ enabled: false });
      cache.setEnabled(name, true);
      expect(await read()).toMatchObject({ outcome: 'hit' });
    }
    expect(studio.counts()).toMatchObject({ bypassed: 2, misses: 1, l1Hits: 2, hitRate: 0.4 });
    expect(() => cache.setEnabled('nothing', false)).toThrow(/no cache is named nothing/);
  });

  it('see the writes of the time when the cache was off', async () => {
    await using studio = await openStudio({ enabled: false });
    studio.source.set('1', 'a');
    expect(await studio.cache.get(studio.scene, { id: '1' })).toBe('a');
    studio.cache.setEnabled(undefined, true);
    await studio.cache.get(studio.scene, { id: '1' });
    studio.cache.setEnabled(undefined, false);
    await studio.write('1', 'b');
    studio.cache.setEnabled(undefined, true);
    expect(await studio.cache.get(studio.scene, { id: '1' })).toBe('b');
  });
});

describe('without its lease', () => {
  it('every read goes to the source, and nothing old is used afterwards', async () => {
    await using studio = await openStudio();
    studio.source.set('1', 'a');
    const read = () => studio.cache.read(studio.scene, { id: '1' });
    await read();
    studio.advance(LEASE_MS);
    studio.source.set('1', 'b');
    studio.directory.commit('scene:1');
    expect(await read()).toMatchObject({ value: 'b', outcome: 'miss' });
    expect(studio.cache.report().coherence.leaseHeld).toBe(false);
  });

  it('before its start nothing is kept, and reads are answered', async () => {
    await using studio = await openStudio({ started: false });
    studio.source.set('1', 'a');
    for (const _time of [1, 2]) {
      expect(await studio.cache.get(studio.scene, { id: '1' })).toBe('a');
    }
    expect(studio.loads()).toBe(2);
  });
});

describe('closing', () => {
  it('leaves the members, and reads are still answered, from the source', async () => {
    const studio = await openStudio();
    studio.source.set('1', 'a');
    await studio.cache.get(studio.scene, { id: '1' });
    expect(studio.directory.memberIds).toEqual(['one']);
    await studio.cache.close();
    await studio.cache.close();
    expect(studio.directory.memberIds).toEqual([]);
    studio.source.set('1', 'b');
    expect(await studio.cache.read(studio.scene, { id: '1' })).toMatchObject({
      value: 'b',
      tier: 'source',
    });
  });

  it('answers the readers of a load that is under way', async () => {
    const studio = await openStudio();
    const { promise, resolve } = Promise.withResolvers<string>();
    const slow = define({ name: 'slow', tags: () => [], load: () => promise });
    const reads = [studio.cache.get(slow, 1), studio.cache.get(slow, 1)];
    await studio.cache.close();
    resolve('late');
    expect(await Promise.all(reads)).toEqual(['late', 'late']);
  });

  it('ends a start that is still waiting for the database', async () => {
    const studio = await openStudio({ started: false, leaseMs: 40 });
    studio.directory.down = true;
    const starts = Promise.allSettled([studio.cache.start()]);
    await studio.cache.close();
    expect(await starts).toMatchObject([{ status: 'rejected', reason: { code: 'closed' } }]);
  });
});

it('refuses two definitions of one name, and arguments without a key', async () => {
  await using studio = await openStudio();
  await studio.cache.get(studio.scene, { id: '1' });
  const double = define({ ...studio.scene });
  await expect(studio.cache.get(double, { id: '1' })).rejects.toMatchObject({ code: 'definition' });
  await expect(studio.cache.get(studio.scene, { id: (() => 1) as never })).rejects.toMatchObject({
    code: 'key',
  });
});

it('sheds loads beyond its bounds, and says so', async () => {
  await using studio = await openStudio();
  const { promise, resolve } = Promise.withResolvers<string>();
  const slow = define({ name: 'slow', tags: () => [], load: (_args: number) => promise });
  const reads = Promise.allSettled(
    Array.from({ length: 2_000 }, (_, id) => studio.cache.get(slow, id)),
  );
  await vi.waitFor(() => expect(studio.counts('slow').errors).toBeGreaterThan(0));
  resolve('done');
  const outcomes = await reads;
  const shed = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(shed.length).toBe(2_000 - 1_014);
  expect(shed[0]).toMatchObject({ reason: { code: 'overloaded' } });
});

it('counts since the last reset, and what is in memory whatever was reset', async () => {
  await using studio = await openStudio({ memory: { bytesMax: 4_500, ownerBytesMax: 4_500 } });
  for (const id of ['1', '2', '3']) {
    studio.source.set(id, 'x'.repeat(450));
    await studio.cache.get(studio.scene, { id });
  }
  const { store, since } = studio.cache.report();
  expect(studio.counts()).toMatchObject({ misses: 3, evictions: 1, entries: 2 });
  expect(studio.counts().load.count).toBe(3);
  expect(studio.counts().bytes).toBe(store.bytes);
  expect(store).toMatchObject({ entries: 2, bytesMax: 4_500 });
  studio.advance(5);
  studio.cache.resetStats();
  expect(studio.cache.report().since).toBe(since + 5);
  expect(studio.counts()).toMatchObject({ misses: 0, entries: 2, hitRate: undefined });
  expect(studio.counts().load.count).toBe(0);
});

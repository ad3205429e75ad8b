/** A store that fails or hangs is left alone, and tried again by itself. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { guardStore, isStoreResting, type BreakerEvent } from '../../src/cache/stores/breaker.ts';
import { createLocalByteStore, type ByteStore } from '../../src/cache/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createFaultyStore() {
  const store = createLocalByteStore();
  const faulty = {
    mode: 'well' as 'well' | 'failing' | 'hanging',
    calls: 0,
    full: false,
  };
  const call =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      faulty.calls += 1;
      if (faulty.mode === 'hanging') return new Promise<R>(() => undefined);
      if (faulty.mode === 'failing') throw new Error('away');
      return work(...args);
    };
  const wrapped: ByteStore = {
    ...store,
    get: call(store.get),
    getMany: call(store.getMany),
    set: call(async (...args: Parameters<ByteStore['set']>) => {
      if (faulty.full) throw new Error('OOM');
      return store.set(...args);
    }),
  };
  return { faulty, store: wrapped };
}

function guarded() {
  const { faulty, store } = createFaultyStore();
  const events: BreakerEvent[] = [];
  const guard = guardStore(store, {
    timeoutMs: 250,
    failuresMax: 5,
    retryMs: 1_000,
    retryMsMax: 4_000,
    onChange: (event) => void events.push(event),
  });
  return { faulty, guard, events };
}

const failures = async (guard: ByteStore, times: number, stepMs = 250): Promise<unknown[]> => {
  const errors: unknown[] = [];
  for (let time = 0; time < times; time += 1) {
    const asked = guard.get('key').then(
      () => undefined,
      (error: unknown) => errors.push(error),
    );
    await vi.advanceTimersByTimeAsync(stepMs);
    await asked;
  }
  return errors;
};

it('asks no more after five failures in a row, and says why', async () => {
  const { faulty, guard, events } = guarded();
  faulty.mode = 'failing';
  const errors = await failures(guard, 8, 0);
  expect(faulty.calls).toBe(5);
  expect(errors.map(isStoreResting)).toEqual([...Array(5).fill(false), ...Array(3).fill(true)]);
  expect(events).toMatchObject([{ direction: 'read', state: 'open', error: { message: 'away' } }]);
});

it('gives up a call that hangs, and counts it as a failure', async () => {
  const { faulty, guard } = guarded();
  faulty.mode = 'hanging';
  const errors = await failures(guard, 6);
  expect(errors.slice(0, 5)).toMatchObject(
    Array.from({ length: 5 }, () => ({ code: 'STORE_TIMEOUT' })),
  );
  expect(isStoreResting(errors[5])).toBe(true);
  expect(guard.breakers.read).toBe('open');
});

it('finds out by one call that it is back, and uses it again', async () => {
  const { faulty, guard, events } = guarded();
  faulty.mode = 'failing';
  await failures(guard, 5);
  faulty.mode = 'well';
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await guard.get('key')).toBeUndefined();
  expect(guard.breakers.read).toBe('closed');
  expect(events.map(({ state }) => state)).toEqual(['open', 'half-open', 'closed']);
});

it('goes on trying for ever, with longer pauses up to a bound', async () => {
  const { faulty, guard } = guarded();
  faulty.mode = 'failing';
  await failures(guard, 5);
  const before = faulty.calls;
  for (let tenth = 0; tenth < 600; tenth += 1) {
    await guard.get('key').catch(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
  }
  // A minute holds 15 pauses of 4 s, and some more at the beginning.
  expect(faulty.calls - before).toBeGreaterThanOrEqual(14);
  expect(faulty.calls - before).toBeLessThanOrEqual(40);
});

it('still reads from a store that is full', async () => {
  const { faulty, guard } = guarded();
  await guard.set('key', new Uint8Array([1]), 60_000);
  faulty.full = true;
  for (let time = 0; time < 6; time += 1) {
    await guard.set('key', new Uint8Array([2]), 60_000).catch(() => undefined);
  }
  expect(guard.breakers).toEqual({ read: 'closed', write: 'open' });
  expect(await guard.get('key')).toEqual(new Uint8Array([1]));
});

import { expect, it } from 'vitest';
import { createTurns, NoTurnError } from '../../src/db/turns.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function held() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => ends.push(() => resolve(name)));
  };
  return { begun, ends, work };
}

it('lets so many begin at once, and the others in their order', async () => {
  const { begun, ends, work } = held();
  const take = createTurns({ atOnce: 2, waitingMax: 10, waitMsMax: 10_000 });
  const all = ['a', 'b', 'c', 'd'].map((name) => take(work(name)));
  await tick();
  expect(begun).toEqual(['a', 'b']);
  ends[1]!();
  await tick();
  expect(begun).toEqual(['a', 'b', 'c']);
  ends[0]!();
  await tick();
  ends[2]!();
  ends[3]!();
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  void take(work('e'));
  void take(work('f'));
  void take(work('g'));
  await tick();
  expect(begun.slice(4)).toEqual(['e', 'f']);
});

it('gives the place of one that fails to the next', async () => {
  const take = createTurns({ atOnce: 1, waitingMax: 10, waitMsMax: 10_000 });
  const failing = take(() => Promise.reject(new Error('broken')));
  const next = take(async () => 'done');
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('done');
});

it('refuses at once when so many wait', async () => {
  const { begun, ends, work } = held();
  const take = createTurns({ atOnce: 1, waitingMax: 1, waitMsMax: 10_000 });
  const first = take(work('a'));
  const second = take(work('b'));
  await expect(take(work('c'))).rejects.toThrow(NoTurnError);
  ends[0]!();
  await first;
  await tick();
  ends[1]!();
  await second;
  expect(begun).toEqual(['a', 'b']);
});

it('gives up one that waits too long, which then never begins', async () => {
  const { begun, ends, work } = held();
  const take = createTurns({ atOnce: 1, waitingMax: 10, waitMsMax: 20 });
  const first = take(work('a'));
  await expect(take(work('b'))).rejects.toThrow('no turn in 20 ms');
  ends[0]!();
  await first;
  expect(await take(async () => 'c')).toBe('c');
  expect(begun).toEqual(['a']);
});

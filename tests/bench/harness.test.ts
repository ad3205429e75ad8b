/** The figures of the benchmarks are as good as their arithmetic. */
import { expect, it } from 'vitest';
import { deviation, measure, median, quantile } from './harness.ts';

it('the median of an even number of values lies between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([10, 20, 30], 0)).toBe(10);
  expect(quantile([10, 20, 30], 1)).toBe(30);
});

it('half of the values lie within the deviation', () => {
  expect(deviation([1, 1, 2, 2, 4, 6, 9])).toBe(1);
});

it('every variant runs in every round, another one first each time', async () => {
  const order: string[] = [];
  let spun = 0;
  const variant = (name: string) => ({
    name,
    run(times: number) {
      order.push(name);
      for (let i = 0; i < times * 1_000; i += 1) spun += i;
    },
  });
  const measured = await measure([variant('a'), variant('b')], { rounds: 4, batchMs: 0.01 });
  expect(spun).toBeGreaterThan(0);
  expect(measured.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(order.slice(-8)).toEqual(['a', 'b', 'b', 'a', 'a', 'b', 'b', 'a']);
});

it('a floor that nobody is fails', async () => {
  await expect(measure([{ name: 'a', run: () => undefined }], { floor: 'b' })).rejects.toThrow(
    'there is no variant b',
  );
});

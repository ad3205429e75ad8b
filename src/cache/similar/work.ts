/**
 * Long work on the thread that answers requests: a generator that stops after each step, so that
 * whoever drives it may do something else in between. What it yields is what the step cost, in
 * multiply-adds (about 1 ns each): a count, so that how long a stretch is does not depend on clocks.
 *
 * Not a worker thread: it would need the vectors (20 MB) and a copy of every change to them, hand
 * back the coordinates of all entries, and a second copy of the engine to build, start and watch.
 * The work is a second in every some thousand answers; what matters is only that nobody waits for it.
 */
export type Work<T> = Generator<number, T, undefined>;

/** Of one step: a matrix of 1,024 dimensions times a vector. */
export const STEP_COST_MAX = 2 ** 20;

export function finish<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * Steps until they have cost as much as was given, or the work is done.
 *
 * @returns what they cost: at most STEP_COST_MAX more than given
 */
export function advance(work: Work<void>, cost: number): { done: boolean; cost: number } {
  let spent = 0;
  while (spent < cost) {
    const step = work.next();
    if (step.done) return { done: true, cost: spent };
    spent += step.value;
  }
  return { done: false, cost: spent };
}

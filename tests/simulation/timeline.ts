/**
 * Virtual time: a heap of things to do, by time and then by the order in which they were asked for.
 * Nothing here waits; a minute of simulated time costs what its events cost.
 */

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export interface Timeline {
  nowMs(): number;
  /** In `afterMs` from now (0: after everything already due now). */
  after(afterMs: number, run: () => void): void;
  at(atMs: number, run: () => void): void;
  /** Runs everything due until then, in order. */
  runUntil(untilMs: number): void;
  readonly steps: number;
}

export function createTimeline(): Timeline {
  const heap: Due[] = [];
  let now = 0;
  let order = 0;
  let steps = 0;

  const before = (x: Due, y: Due): boolean =>
    x.atMs < y.atMs || (x.atMs === y.atMs && x.order < y.order);

  const push = (due: Due): void => {
    let i = heap.length;
    heap.push(due);
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!before(due, heap[up]!)) break;
      heap[i] = heap[up]!;
      i = up;
    }
    heap[i] = due;
  };

  const pop = (): Due => {
    const top = heap[0]!;
    const last = heap.pop()!;
    const size = heap.length;
    if (size === 0) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= size) break;
      if (down + 1 < size && before(heap[down + 1]!, heap[down]!)) down += 1;
      if (!before(heap[down]!, last)) break;
      heap[i] = heap[down]!;
      i = down;
    }
    heap[i] = last;
    return top;
  };

  return {
    nowMs: () => now,
    after: (afterMs, run) => push({ atMs: now + afterMs, order: order++, run }),
    at: (atMs, run) => push({ atMs: Math.max(now, atMs), order: order++, run }),
    runUntil: (untilMs) => {
      while (heap.length > 0 && heap[0]!.atMs <= untilMs) {
        const due = pop();
        now = due.atMs;
        steps += 1;
        due.run();
      }
      now = Math.max(now, untilMs);
    },
    get steps() {
      return steps;
    },
  };
}

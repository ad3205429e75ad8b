/**
 * Work that takes turns: so many at once, so many waiting, none of them longer than a bound. A pool of
 * connections has the first bound alone: behind a slow database its queue grows without end, and who
 * waits in it is answered long after he has given up.
 */

export interface TurnsOptions {
  readonly atOnce: number;
  readonly waitingMax: number;
  readonly waitMsMax: number;
}

/** Too many wait, or one waited too long. Nothing was done. */
export class NoTurnError extends Error {
  override readonly name = 'NoTurnError';
  readonly code = 'NO_TURN';
}

/** @throws NoTurnError, and what the work throws */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns({ atOnce, waitingMax, waitMsMax }: TurnsOptions): TakeTurn {
  let running = 0;
  /** In the order of their coming; each begins its work. */
  const waiting = new Set<() => void>();

  function wait(): Promise<void> {
    if (waiting.size >= waitingMax) {
      return Promise.reject(new NoTurnError(`${waitingMax} are waiting already`));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(begin);
        reject(new NoTurnError(`no turn in ${waitMsMax} ms`));
      }, waitMsMax);
      function begin(): void {
        waiting.delete(begin);
        clearTimeout(timer);
        resolve();
      }
      waiting.add(begin);
    });
  }

  return async (work) => {
    if (running >= atOnce) await wait();
    else running += 1;
    try {
      return await work();
    } finally {
      // Whoever is next takes over this one's place: nobody who comes now can be faster.
      const [next] = waiting;
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/**
 * The cap on concurrent loads, with a bounded queue in order of arrival. A source that is slow must
 * not be given more work, nor may a queue grow in which everybody waits for what nobody wants any
 * more. Renewal never comes here.
 */
import { CoherenceError } from './errors.ts';
import { wait, type Op } from './effects.ts';
import { Latch } from './latch.ts';

export interface SlotsBounds {
  readonly loadsMax: number;
  readonly loadQueueMax: number;
  readonly loadQueueTimeoutMs: number;
}

export class Slots {
  readonly #bounds: SlotsBounds;
  #taken = 0;
  #queue: Latch<true>[] = [];

  constructor(bounds: SlotsBounds) {
    this.#bounds = bounds;
  }

  get taken(): number {
    return this.#taken;
  }
  get queued(): number {
    return this.#queue.length;
  }

  /** Returns with a slot, or throws OVERLOADED. */
  *acquire(): Op<void> {
    if (this.#taken < this.#bounds.loadsMax) {
      this.#taken += 1;
      return;
    }
    if (this.#queue.length >= this.#bounds.loadQueueMax) {
      throw new CoherenceError('OVERLOADED', 'the queue of loads is full');
    }
    const turn = new Latch<true>();
    this.#queue.push(turn);
    yield* wait(turn, this.#bounds.loadQueueTimeoutMs);
    if (turn.settled) return;
    this.#queue = this.#queue.filter((other) => other !== turn);
    throw new CoherenceError('OVERLOADED', 'no load slot became free in time');
  }

  release(): void {
    const next = this.#queue.shift();
    // The slot is handed on, never freed in between: a newcomer can't overtake the queue.
    if (next === undefined) this.#taken -= 1;
    else next.settle(true);
  }
}

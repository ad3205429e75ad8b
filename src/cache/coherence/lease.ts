/**
 * The right to use caches, for a time that a writer who cannot reach this process will wait out.
 * Counted from before the renewal was sent, on two clocks: the monotonic one may stand still while
 * the machine is suspended, the wall clock may jump.
 */

export interface Clock {
  /** Monotonic milliseconds of this process. */
  monoMs(): number;
  /** Epoch milliseconds. */
  wallMs(): number;
}

export interface ClockReading {
  readonly monoMs: number;
  readonly wallMs: number;
}

/** The rest is the margin for clocks that run at different rates (up to 5% apart). */
const SHARE_USED = 0.95;
/** The clocks may move apart by this share of a lease: more means that one of them is wrong. */
const SHARE_APART_MAX = 0.025;

export function readClock(clock: Clock): ClockReading {
  return { monoMs: clock.monoMs(), wallMs: clock.wallMs() };
}

export class Lease {
  readonly #clock: Clock;
  readonly #usedMs: number;
  readonly #apartMsMax: number;
  #from: ClockReading | undefined;
  /** Epoch milliseconds at which it was last found held. */
  #heldAtMs = Number.NaN;

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#usedMs = leaseMs * SHARE_USED;
    this.#apartMsMax = leaseMs * SHARE_APART_MAX;
  }

  /** Starts anew from a reading taken before the renewal was sent. */
  extend(from: ClockReading): void {
    this.#from = from;
    this.#heldAtMs = Number.NaN;
  }

  drop(): void {
    this.#from = undefined;
    this.#heldAtMs = Number.NaN;
  }

  /**
   * Whether it is held now. Once found ended, it stays so until the next renewal.
   * @param wallMs  the wall clock, from who has just read it: a reading costs as much as a look-up
   */
  held(wallMs = this.#clock.wallMs()): boolean {
    // What held in this very millisecond holds: the margin is a hundred times that. It spares a hot
    // cache the other clock, whose reading costs as much as the rest of a hit.
    if (wallMs === this.#heldAtMs) return true;
    if (this.remainingMs(wallMs) > 0) {
      this.#heldAtMs = wallMs;
      return true;
    }
    this.drop();
    return false;
  }

  /** 0 when it is not held. */
  remainingMs(wallMs = this.#clock.wallMs()): number {
    if (this.#from === undefined) return 0;
    const mono = this.#clock.monoMs() - this.#from.monoMs;
    const wall = wallMs - this.#from.wallMs;
    // FENCE clocks-apart: a suspension that one clock missed, half hidden by a jump of the other.
    if (Math.abs(mono - wall) > this.#apartMsMax) return 0;
    // FENCE both-clocks: either one alone can be fooled into a lease without end.
    return Math.max(0, this.#usedMs - Math.max(mono, wall));
  }
}

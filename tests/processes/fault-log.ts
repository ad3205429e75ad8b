/** Which faults there were, when, and whom they touched. Times of the harness's clock. */
import { LEASE_MS } from './settings.ts';

export interface FaultNote {
  readonly kind: string;
  /** The processes that may lose their lease by it. */
  readonly touches: readonly number[];
  /** The processes at which availability is measured during it. */
  readonly watched: readonly number[];
  readonly detail: string;
  readonly beganMs: number;
  endedMs: number;
}

export interface FaultLog {
  begin(note: Omit<FaultNote, 'beganMs' | 'endedMs'>): FaultNote;
  /** Those still going on. */
  active(): FaultNote[];
  /** None now, and none that is only just over: processes come back within two leases. */
  quiet(): boolean;
  touched(slot: number, fromMs: number, toMs: number): boolean;
  between(fromMs: number, toMs: number): string[];
  readonly all: readonly FaultNote[];
}

export function createFaultLog(): FaultLog {
  const all: FaultNote[] = [];
  const within = (fromMs: number, toMs: number): FaultNote[] =>
    all.filter(({ beganMs, endedMs }) => beganMs <= toMs && endedMs >= fromMs);
  return {
    all,
    begin(given) {
      const note = { ...given, beganMs: performance.now(), endedMs: Infinity };
      all.push(note);
      return note;
    },
    active: () => all.filter(({ endedMs }) => endedMs === Infinity),
    quiet: () => within(performance.now() - 2 * LEASE_MS, Infinity).length === 0,
    touched: (slot, fromMs, toMs) =>
      within(fromMs, toMs).some(({ touches }) => touches.includes(slot)),
    between: (fromMs, toMs) =>
      within(fromMs, toMs).map(
        ({ kind, detail, beganMs, endedMs }) =>
          `${kind} ${detail} from ${(beganMs - toMs).toFixed(0)} ms to ${
            endedMs === Infinity ? 'after' : `${(endedMs - toMs).toFixed(0)} ms, relative to`
          } the read's end`,
      ),
  };
}

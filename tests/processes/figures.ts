/**
 * What a run measures beside the promise: how many reads were answered within a second during each
 * kind of fault, how long writes took, and how old answers were marked. Milliseconds.
 */
import type { ReadAnswer } from './reading.ts';
import type { FaultLog } from './fault-log.ts';
import { PROMPT_MS } from './settings.ts';

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Availability {
  readonly kind: string;
  readonly faults: number;
  readonly reads: number;
  /** Share answered within a second; undefined when nobody asked. */
  readonly prompt: number | undefined;
  /** The same, of reads that began while there was no other fault. */
  readonly readsAlone: number;
  readonly promptAlone: number | undefined;
}

export interface Figures {
  readBegan(slot: number): {
    answered(mark: ReadAnswer['mark']): void;
    failed(code: string): void;
  };
  writeBegan(): { acknowledged(): void; failed(code: string): void };
  wroteBehind(): void;
  availability(): Availability[];
  /** Between a write's request and its answer: all, and those long after any fault. */
  writes(): { all: Spread; healthy: Spread; behind: number };
  outcomes(): Record<string, number>;
  /** Calls without an answer, by code. */
  unanswered(): Record<string, number>;
}

const NONE = 'none';

interface Count {
  reads: number;
  prompt: number;
  readsAlone: number;
  promptAlone: number;
}

export function createFigures(faults: FaultLog): Figures {
  const asked = new Map<string, Count>();
  const outcomes: Record<string, number> = {};
  const unanswered: Record<string, number> = {};
  const all: number[] = [];
  const healthy: number[] = [];
  let behind = 0;

  const add = (counts: Record<string, number>, name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const account = (kinds: readonly string[], alone: boolean, prompt: boolean): void => {
    for (const kind of kinds) {
      const count = asked.get(kind) ?? { reads: 0, prompt: 0, readsAlone: 0, promptAlone: 0 };
      asked.set(kind, count);
      count.reads += 1;
      if (prompt) count.prompt += 1;
      if (alone) count.readsAlone += 1;
      if (alone && prompt) count.promptAlone += 1;
    }
  };

  return {
    readBegan(slot) {
      const beganMs = performance.now();
      const active = faults.active();
      const here = active.filter(({ watched }) => watched.includes(slot));
      const kinds = faults.quiet() ? [NONE] : [...new Set(here.map(({ kind }) => kind))];
      const alone = active.length <= 1;
      return {
        answered(mark) {
          add(outcomes, mark ? `${mark.outcome} ${mark.tier}` : 'bypass');
          account(kinds, alone, performance.now() - beganMs <= PROMPT_MS);
        },
        failed(code) {
          add(unanswered, `read ${code}`);
          account(kinds, alone, false);
        },
      };
    },
    writeBegan() {
      const beganMs = performance.now();
      const calm = faults.quiet();
      return {
        acknowledged() {
          const ms = performance.now() - beganMs;
          all.push(ms);
          if (calm && faults.quiet()) healthy.push(ms);
        },
        failed: (code) => add(unanswered, `write ${code}`),
      };
    },
    wroteBehind: () => void (behind += 1),
    availability() {
      const kinds = [...new Set(faults.all.map(({ kind }) => kind))].toSorted();
      return [NONE, ...kinds].map((kind) => {
        const count = asked.get(kind);
        return {
          kind,
          faults: faults.all.filter((fault) => fault.kind === kind).length,
          reads: count?.reads ?? 0,
          prompt: share(count?.prompt, count?.reads),
          readsAlone: count?.readsAlone ?? 0,
          promptAlone: share(count?.promptAlone, count?.readsAlone),
        };
      });
    },
    writes: () => ({ all: spreadOf(all), healthy: spreadOf(healthy), behind }),
    outcomes: () => outcomes,
    unanswered: () => unanswered,
  };
}

function share(part = 0, whole = 0): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

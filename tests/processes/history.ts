/**
 * What was written and read, judged as it happens by the simulation's own checker: a read shows at
 * least the last write of each row that was acknowledged before it began. A write that nobody
 * acknowledged (behind the API's back, or its reply was lost) counts one lease after its commit was
 * seen at the latest. On top of that: one number of a row has one name, no number is from the
 * future, and a row that exists is never answered as absent.
 *
 * Begin and end are times of the harness's one clock, so that a read is taken for longer than it
 * was and never for shorter: what is found is there.
 */
import { Checker, type CheckedProcess, type Ticket } from '../simulation/checker.ts';
import type { Life } from './api-process.ts';
import type { FaultLog } from './fault-log.ts';
import type { ReadAnswer, ShownRow } from './reading.ts';
import { LEASE_MS } from './settings.ts';

export interface Key {
  readonly name: string;
  readonly rowIds: readonly string[];
}

export interface Counterexample {
  readonly kind: string;
  readonly text: string;
  readonly process: string;
  readonly key: string;
  readonly read: { readonly beganMs: number; readonly endedMs: number; readonly via: string };
  readonly answer: { readonly outcome: string | undefined; readonly tier: string | undefined };
  /** What was shown and should have been, of the rows that are wrong. */
  readonly rows: readonly {
    readonly name: string;
    readonly shown: number;
    readonly required: number;
    /** When the required write was acknowledged, or counted otherwise. */
    readonly writtenMs: number | undefined;
    readonly written: string | undefined;
  }[];
  readonly faults: readonly string[];
}

export interface ReadTicket {
  readonly life: Life;
  readonly key: Key;
  readonly via: 'http' | 'channel';
  readonly ticket: Ticket;
}

interface WriteNote {
  readonly atMs: number;
  readonly how: string;
}

export interface History {
  begin(life: Life, key: Key, via: ReadTicket['via']): ReadTicket;
  end(begun: ReadTicket, answer: ReadAnswer): void;
  /** An answer that can only be wrong, such as "not found" for a row that exists. */
  refused(begun: ReadTicket, code: string): void;
  /** Before a write is sent: it may raise the row's number by one. */
  willWrite(rowIds: readonly string[]): void;
  acknowledged(life: Life, rows: readonly ShownRow[]): void;
  committedBehind(rows: readonly ShownRow[]): void;
  /** A read that could only be right or wrong; `wrong` tells how. */
  looked(wrong: string | undefined): void;
  fail(kind: string, text: string): void;
  readonly readsChecked: () => number;
  readonly writesChecked: () => number;
  readonly rowsShown: () => number;
  readonly graceAnswers: () => number;
  readonly counterexamples: Counterexample[];
  /** Those beyond the ones that are kept included. */
  readonly violations: () => number;
}

export interface HistoryOptions {
  readonly rows: readonly ShownRow[];
  readonly faults: FaultLog;
  readonly onViolation: (example: Counterexample) => void;
}

/** One broken promise may show in thousands of reads. */
const COUNTEREXAMPLES_MAX = 20;
/** Unknown processes may have lost their lease this long after what touched them was healed. */
const AFTERMATH_MS = 2 * LEASE_MS;

export function createHistory({ rows, faults, onViolation }: HistoryOptions): History {
  const nowMs = (): number => performance.now();
  const checker = new Checker(
    { facts: rows.length, leaseMs: LEASE_MS, mode: 'lease', faults: { overload: false } },
    { nowMs, trace: undefined },
  );
  const factOf = new Map(rows.map(([id], fact) => [id, fact]));
  /** The number it may have at most: what it began with, and one for each write that was begun. */
  const highest = rows.map(([, number]) => number);
  /** The highest number that somebody has seen; from one lease later on all must show it. */
  const seen = rows.map(([, number]) => number);
  const names = rows.map(() => new Map<number, string>());
  const notes = rows.map(() => new Map<number, WriteNote>());
  const due: { atMs: number; fact: number; token: number }[] = [];
  const processes = new WeakMap<Life, CheckedProcess>();
  const counterexamples: Counterexample[] = [];
  let violations = 0;
  let looks = 0;
  let rowsShown = 0;
  let graceAnswers = 0;

  const processOf = (life: Life): CheckedProcess => {
    const known = processes.get(life);
    if (known !== undefined) return known;
    const made = { id: life.id, rate: 1, alive: true, leaving: false, wallMs: () => Date.now() };
    processes.set(life, made);
    return made;
  };
  const mustShow = (fact: number, token: number): void =>
    checker.mustShow({ facts: [fact], tokens: [token] });
  const note = (fact: number, number: number, how: string): void => {
    if (!notes[fact]!.has(number)) notes[fact]!.set(number, { atMs: nowMs(), how });
  };
  /** In the order of their times, since all wait for one lease. */
  const settle = (): void => {
    while (due.length > 0 && due[0]!.atMs <= nowMs()) {
      const { fact, token } = due.shift()!;
      mustShow(fact, token);
    }
  };
  const inOneLease = (fact: number, token: number, how: string): void => {
    if (token <= seen[fact]!) return;
    seen[fact] = token;
    note(fact, token, how);
    due.push({ atMs: nowMs() + LEASE_MS, fact, token });
  };

  rows.forEach(([, number, name], fact) => {
    mustShow(fact, number);
    names[fact]!.set(number, name);
    note(fact, number, 'at the start');
  });

  function report(kind: string, text: string, about?: { begun: ReadTicket; answer?: ReadAnswer }) {
    violations += 1;
    if (counterexamples.length >= COUNTEREXAMPLES_MAX) return;
    const endedMs = nowMs();
    const begun = about?.begun;
    const beganMs = begun?.ticket.beganMs ?? endedMs;
    const wrong = (about?.answer?.shown ?? []).flatMap(([id, shown]) => {
      const fact = factOf.get(id)!;
      const required = begun!.ticket.required[begun!.ticket.key.facts.indexOf(fact)] ?? 0;
      if (shown >= required) return [];
      const written = notes[fact]!.get(required);
      const name = rows[fact]![2];
      return [{ name, shown, required, writtenMs: written?.atMs, written: written?.how }];
    });
    const example: Counterexample = {
      kind,
      text,
      process: begun?.life.id ?? '-',
      key: begun?.key.name ?? '-',
      read: { beganMs, endedMs, via: begun?.via ?? '-' },
      answer: { outcome: about?.answer?.mark?.outcome, tier: about?.answer?.mark?.tier },
      rows: wrong,
      faults: faults.between(beganMs - AFTERMATH_MS, endedMs),
    };
    counterexamples.push(example);
    onViolation(example);
  }

  function checkRow(
    [id, number, name]: ShownRow,
    about: { begun: ReadTicket; answer: ReadAnswer },
  ) {
    const fact = factOf.get(id);
    if (fact === undefined || !Number.isSafeInteger(number)) {
      report('unknown-row', `${id} shows ${name}`, about);
      return;
    }
    rowsShown += 1;
    if (number > highest[fact]!) report('future', `${name} has number ${number}`, about);
    const known = names[fact]!.get(number);
    if (known === undefined) names[fact]!.set(number, name);
    else if (known !== name) report('mixed', `number ${number} is ${known} and ${name}`, about);
    inOneLease(fact, number, `shown by ${about.begun.life.id}`);
  }

  return {
    begin(life, key, via) {
      settle();
      const facts = key.rowIds.map((id) => factOf.get(id)!);
      const ticket = checker.begin(processOf(life), { name: key.name, facts }, true);
      return { life, key, via, ticket };
    },

    end(begun, answer) {
      const { life, ticket } = begun;
      const mark = answer.mark;
      // Over the wire both are "stale"; only without the database may it be older than a write.
      const outcome = mark?.outcome === 'stale' ? 'grace' : (mark?.outcome ?? 'bypass');
      const unreachable = faults.touched(life.slot, ticket.beganMs - AFTERMATH_MS, nowMs());
      if (outcome === 'grace' && unreachable) graceAnswers += 1;
      const before = checker.violations.length;
      checker.end(
        processOf(life),
        { ...ticket, leased: !unreachable },
        {
          outcome,
          tier: mark?.tier ?? 'source',
          entry: {
            value: new Map(answer.shown.map(([id, number]) => [factOf.get(id), number])),
            validUntil: mark?.validUntil ?? Infinity,
            staleUntil: Infinity,
            graceUntil: Infinity,
          },
        },
      );
      for (const { kind, text } of checker.violations.slice(before)) {
        report(kind, text, { begun, answer });
      }
      checker.violations.length = 0;
      for (const row of answer.shown) checkRow(row, { begun, answer });
      if (answer.shown.length !== begun.key.rowIds.length) {
        report('incomplete', `${answer.shown.length} of ${begun.key.rowIds.length} rows`, {
          begun,
        });
      }
    },

    refused(begun, code) {
      report('refused', `${begun.key.name} exists and is allowed, and was answered ${code}`, {
        begun,
      });
    },

    willWrite(rowIds) {
      for (const id of rowIds) highest[factOf.get(id)!]! += 1;
    },

    acknowledged(life, written) {
      const facts = written.map(([id]) => factOf.get(id)!);
      written.forEach(([, number, name], i) => {
        names[facts[i]!]!.set(number, name);
        notes[facts[i]!]!.set(number, { atMs: nowMs(), how: `acknowledged by ${life.id}` });
        seen[facts[i]!] = Math.max(seen[facts[i]!]!, number);
      });
      const tokens = written.map(([, number]) => number);
      checker.acknowledged(processOf(life), { facts, tokens });
    },

    committedBehind(written) {
      for (const [id, number, name] of written) {
        const fact = factOf.get(id)!;
        names[fact]!.set(number, name);
        inOneLease(fact, number, 'committed behind the API');
      }
    },

    looked(wrong) {
      looks += 1;
      if (wrong !== undefined) report('switch', wrong);
    },

    fail: (kind, text) => report(kind, text),
    readsChecked: () => checker.readsChecked + looks,
    writesChecked: () => checker.writesChecked,
    rowsShown: () => rowsShown,
    graceAnswers: () => graceAnswers,
    counterexamples,
    violations: () => violations,
  };
}

/**
 * The promise, checked in true time. A read shows at least the last write of each fact that was
 * acknowledged before the read began; a write nobody acknowledged counts one lease after its
 * commit. Tokens grow with commits, so "at least" is a comparison. After a fail-over that lost
 * commits, what was lost may be shown for one more lease, and never after.
 */
import type { Entry } from '../../src/cache/coherence/entry.ts';
import type { Answer } from '../../src/cache/coherence/read.ts';
import type { Commit } from './database.ts';
import type { FaultPlan, Plan } from './plan.ts';
import type { Process } from './process.ts';
import type { KeyPlan, Shown } from './workload.ts';

// Only what the checker looks at: the history of real processes goes through it too.
export type CheckedPlan = Pick<Plan, 'facts' | 'leaseMs' | 'mode'> & {
  readonly faults: Pick<FaultPlan, 'overload'>;
};
export type CheckedProcess = Pick<Process, 'id' | 'rate' | 'alive' | 'leaving' | 'wallMs'>;
export type CheckedCommit = Pick<Commit, 'facts' | 'tokens'>;
export type CheckedAnswer = Pick<Answer, 'outcome' | 'tier'> & {
  readonly entry: Pick<Entry, 'value' | 'validUntil' | 'staleUntil' | 'graceUntil'>;
};

export interface Violation {
  readonly kind:
    'stale' | 'lost' | 'expired' | 'fork' | 'stampede' | 'write-bound' | 'liveness' | 'lease-lost';
  readonly atMs: number;
  readonly text: string;
}

interface FactHistory {
  /** Every read must show at least this. */
  required: number;
  /** Of the living history. */
  tokens: number[];
}

/** Clocks drift by less than this. */
const SLOWEST_RATE = 0.9;

/** What held when a read began. */
export interface Ticket {
  readonly key: Pick<KeyPlan, 'name' | 'facts'>;
  readonly beganMs: number;
  readonly wallMs: number;
  readonly leased: boolean;
  readonly required: readonly number[];
  readonly own: readonly number[];
  readonly history: number;
}

export class Checker {
  readonly violations: Violation[] = [];
  readsChecked = 0;
  writesChecked = 0;
  readonly #plan: CheckedPlan;
  readonly #nowMs: () => number;
  readonly #facts: FactHistory[];
  readonly #lost = new Set<number>();
  /** Lost tokens may still be shown to reads that begin before this. */
  #mournedMs = 0;
  /** Counts how often the database went back: what was required before is so no more. */
  #history = 0;
  /** Per process: the last token per fact that it has written and acknowledged itself. */
  readonly #own = new Map<CheckedProcess, Map<number, number>>();
  readonly #trace: ((line: string) => void) | undefined;

  constructor(
    plan: CheckedPlan,
    hooks: { readonly nowMs: () => number; readonly trace: ((line: string) => void) | undefined },
  ) {
    this.#plan = plan;
    this.#nowMs = hooks.nowMs;
    this.#trace = hooks.trace;
    this.#facts = Array.from({ length: plan.facts }, () => ({ required: 0, tokens: [] }));
  }

  fail(kind: Violation['kind'], text: string): void {
    this.violations.push({ kind, atMs: this.#nowMs(), text });
    this.#trace?.(`VIOLATION ${kind}: ${text}`);
  }

  // Writes

  committed(commit: CheckedCommit): void {
    commit.facts.forEach((fact, i) => this.#facts[fact]!.tokens.push(commit.tokens[i]!));
  }

  /** Also called one lease after every commit. */
  mustShow(commit: CheckedCommit): void {
    commit.facts.forEach((fact, i) => {
      const token = commit.tokens[i]!;
      const history = this.#facts[fact]!;
      if (!this.#lost.has(token) && token > history.required) history.required = token;
    });
  }

  acknowledged(process: CheckedProcess, commit: CheckedCommit): void {
    this.writesChecked += 1;
    if (this.#plan.mode === 'eventual') return;
    this.mustShow(commit);
    const own = this.#own.get(process) ?? new Map<number, number>();
    this.#own.set(process, own);
    commit.facts.forEach((fact, i) => {
      if (!this.#lost.has(commit.tokens[i]!)) own.set(fact, commit.tokens[i]!);
    });
  }

  /** A write may wait one lease, on its process's clock, and not much longer. */
  writeWaited(process: CheckedProcess, waitedMs: number): void {
    const bound = this.#plan.leaseMs / process.rate + 20;
    if (waitedMs > bound) {
      this.fail('write-bound', `${process.id} waited ${waitedMs.toFixed(0)} ms for a write`);
    }
  }

  /** The database is now what it was when these tokens were current. */
  wentBack(current: readonly number[], diedMs: number): void {
    current.forEach((token, fact) => {
      const history = this.#facts[fact]!;
      for (const known of history.tokens) if (known > token) this.#lost.add(known);
      history.tokens = history.tokens.filter((known) => known <= token);
      history.required = Math.min(history.required, token);
    });
    this.#own.clear();
    this.#history += 1;
    this.#mournedMs = diedMs + this.#plan.leaseMs;
  }

  // Reads

  begin(process: CheckedProcess, key: Pick<KeyPlan, 'name' | 'facts'>, leased: boolean): Ticket {
    const own = this.#own.get(process);
    return {
      key,
      beganMs: this.#nowMs(),
      wallMs: process.wallMs(),
      leased,
      required: key.facts.map((fact) => this.#facts[fact]!.required),
      own: key.facts.map((fact) => own?.get(fact) ?? 0),
      history: this.#history,
    };
  }

  end(process: CheckedProcess, ticket: Ticket, answer: CheckedAnswer): void {
    this.readsChecked += 1;
    const shown = answer.entry.value as Shown;
    // Without a lease and without the source, grace may be old: but not older than its own writes.
    const excused = answer.outcome === 'grace' && !ticket.leased;
    ticket.key.facts.forEach((fact, i) => {
      const token = shown.get(fact);
      if (token === undefined) return;
      if (ticket.history !== this.#history) return;
      const least = excused ? ticket.own[i]! : ticket.required[i]!;
      const how = `${process.id} ${ticket.key.name} (${answer.outcome} ${answer.tier})`;
      if (token < least) {
        this.fail('stale', `${how} showed ${token} of fact ${fact}, but ${least} was acknowledged`);
      } else if (this.#lost.has(token) && ticket.beganMs > this.#mournedMs && !excused) {
        this.fail('lost', `${how} showed ${token} of fact ${fact}, which was lost`);
      }
    });
    this.#checkExpiry(process, ticket, answer);
  }

  #checkExpiry(process: CheckedProcess, ticket: Ticket, answer: CheckedAnswer): void {
    const { entry, outcome, tier } = answer;
    if (tier === 'source' || tier === 'flight') return;
    const until =
      outcome === 'grace'
        ? entry.graceUntil
        : outcome === 'stale'
          ? entry.staleUntil
          : entry.validUntil;
    if (this.#wentBack(process, ticket)) return;
    if (ticket.wallMs >= until && process.wallMs() >= until) {
      this.fail(
        'expired',
        `${process.id} ${ticket.key.name} (${outcome} ${tier}) was past its time`,
      );
    }
  }

  /** Expiry is as good as the wall clock: one that jumped back meanwhile may have said "not yet". */
  #wentBack(process: CheckedProcess, ticket: Ticket): boolean {
    const passedMs = this.#nowMs() - ticket.beganMs;
    return process.wallMs() - ticket.wallMs < passedMs * SLOWEST_RATE;
  }

  // Leases

  /** Where nothing fails but the source is overrun, renewals must get through. */
  leaseLost(process: CheckedProcess): void {
    if (this.#plan.faults.overload && process.alive && !process.leaving) {
      this.fail('lease-lost', `${process.id} lost its lease to the load`);
    }
  }
}

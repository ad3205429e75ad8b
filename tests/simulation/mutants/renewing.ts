/** Fences of renewals, leases and clocks. */
import { machine, world, type Mutant } from './mutant.ts';

export const RENEWING: readonly Mutant[] = [
  {
    name: 'lease-from-reply',
    why: 'counted from the reply, the lease outlasts what a writer waits',
    edits: [
      machine(
        'renew.ts',
        'apply(state, seen, before);',
        'apply(state, seen, readClock(state.clock));',
      ),
    ],
  },
  {
    name: 'extended-before-applying',
    why: 'the lease is held before the rows are known, or when they never come',
    edits: [
      machine(
        'renew.ts',
        "    step = 'observe';",
        "    step = 'observe';\n    if (state.knowledge.horizon !== undefined) state.lease.extend(before);",
      ),
    ],
  },
  {
    name: 'no-margin',
    why: 'clocks that drift apart make a lease longer than the wait for it',
    edits: [machine('lease.ts', 'const SHARE_USED = 0.95;', 'const SHARE_USED = 1;')],
  },
  {
    name: 'monotonic-clock-only',
    why: 'it stands still while the machine is suspended',
    edits: [
      machine('lease.ts', 'Math.max(mono, wall)', 'mono'),
      machine('lease.ts', 'if (Math.abs(mono - wall) > this.#apartMsMax) return 0;', ''),
    ],
  },
  {
    name: 'wall-clock-only',
    why: 'it jumps back',
    edits: [
      machine('lease.ts', 'Math.max(mono, wall)', 'wall'),
      machine('lease.ts', 'if (Math.abs(mono - wall) > this.#apartMsMax) return 0;', ''),
    ],
  },
  {
    name: 'clocks-apart-ignored',
    why: 'a suspension that one clock missed, hidden by a jump of the other',
    edits: [machine('lease.ts', 'if (Math.abs(mono - wall) > this.#apartMsMax) return 0;', '')],
  },
  {
    name: 'one-statement',
    why: 'a writer commits, reads the members without me, and my snapshot lacks its write',
    edits: [
      machine('renew.ts', '    const mine = yield* beat(state.id, state.leaseMs);', ''),
      machine(
        'renew.ts',
        'const seen = yield* observe(state.since, state.leaseMs);',
        'const seen = yield* observe(state.since, state.leaseMs); yield* beat(state.id, state.leaseMs);',
      ),
      machine('renew.ts', 'if (seen.beats.get(state.id) !== mine) {', 'if (false) {'),
    ],
  },
  {
    name: 'some-rows-only',
    why: 'horizon and lease are raised although some rows were left for later',
    edits: [machine('renew.ts', 'of seen.rows)', 'of seen.rows.slice(0, 2))')],
  },
  {
    name: 'horizon-at-xmax',
    why: 'transactions that are still open would be called known',
    edits: [world('database.ts', '      xmin: snapshot.xmin,', '      xmin: snapshot.xmax,')],
  },
  {
    name: 'outbox-by-newest',
    why: 'rows are read past the newest seen instead of by the snapshot: late commits are missed',
    edits: [
      world(
        'database.ts',
        '(xid >= since.horizon && !(seen !== undefined && visible(seen, xid)))',
        '(xid >= since.horizon && seen !== undefined && xid >= seen.xmax)',
      ),
    ],
  },
  {
    name: 'trim-mark-ignored',
    why: 'rows were trimmed before this process could read them',
    edits: [
      machine(
        'renew.ts',
        'if (horizon === undefined || horizon < seen.trimMark) {',
        'if (false) {',
      ),
    ],
  },
  {
    name: 'trim-mark-apart',
    why: 'the mark moves after the delete, in another transaction',
    edits: [
      world(
        'database.ts',
        'this.#trimMark = Math.max(this.#trimMark, last.xid + 1);',
        'const mark = this.#nextMark; this.#nextMark = last.xid + 1; this.#trimMark = Math.max(this.#trimMark, mark);',
      ),
      world('database.ts', '  #trimMark = 0;', '  #trimMark = 0;\n  #nextMark = 0;'),
    ],
  },
  {
    name: 'known-forgotten-behind-mark',
    why: 'what the journal told, and was answered, is forgotten when rows were missed',
    edits: [
      machine(
        'knowledge.ts',
        '  missedBelow(mark: Xid): void {',
        '  missedBelow(mark: Xid): void {\n    this.#tags = new Map();',
      ),
    ],
  },
  {
    name: 'identity-ignored',
    why: 'xids of another database are compared with those of this one',
    edits: [machine('identity.ts', 'if (seen.identity !== state.identity) {', 'if (false) {')],
  },
  {
    name: 'rewound-by-xmin',
    why: 'an old transaction held the horizon, so that a database put back looks as if it went on',
    edits: [
      machine(
        'identity.ts',
        'if (xmaxOf(seen.snapshot) < state.xmaxSeen) {',
        'if (seen.xmin < (state.knowledge.horizon ?? 0)) {',
      ),
    ],
  },
  {
    name: 'rewind-ignored',
    why: 'a database put back in place gives out the same xids again',
    edits: [
      machine('identity.ts', 'if (xmaxOf(seen.snapshot) < state.xmaxSeen) {', 'if (false) {'),
    ],
  },
  {
    name: 'knowledge-kept-on-reset',
    why: 'what was known of the old database is believed of the new one',
    edits: [machine('identity.ts', '  state.knowledge.reset();\n', '')],
  },
  {
    name: 'lease-kept-on-reset',
    why: 'the empty knowledge of a new database calls everything usable',
    edits: [machine('identity.ts', '  state.lease.drop();\n', '')],
  },
  {
    name: 'since-kept-on-reset',
    why: 'the new database is only asked for what the old one had not shown',
    edits: [machine('identity.ts', '  state.since = undefined;\n', '')],
  },
];

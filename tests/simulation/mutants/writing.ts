/** Fences of writes, members and their surroundings. */
import { machine, world, type Mutant } from './mutant.ts';

export const WRITING: readonly Mutant[] = [
  {
    name: 'own-write-not-applied',
    why: 'the writer asks everybody but itself',
    edits: [machine('write.ts', '  state.knowledge.apply(write.xid, write.tags);\n', '')],
  },
  {
    name: 'members-before-commit',
    why: 'who joined since is not waited for',
    edits: [
      machine(
        'write.ts',
        'const ids = yield* listMembers(state.leaseMs);',
        'const ids = [...state.pulses.keys()]; if (ids.length === 0) yield* listMembers(state.leaseMs);',
      ),
    ],
  },
  {
    name: 'list-failure-ignored',
    why: 'the members cannot be read, and the write returns without waiting',
    edits: [
      machine(
        'write.ts',
        '    return undefined;\n  }\n}\n\ninterface Waiting',
        '    return [];\n  }\n}\n\ninterface Waiting',
      ),
    ],
  },
  {
    name: 'answer-without-applying',
    why: 'the answer says what is not so yet',
    edits: [machine('write.ts', '  state.knowledge.apply(message.xid, message.tags);\n', '')],
  },
  {
    name: 'any-answer',
    why: 'one answer ends the wait for all',
    edits: [
      machine(
        'write.ts',
        'if (pending.missing.size === 0) pending.complete.settle(true);\n}',
        'pending.complete.settle(true);\n}',
      ),
    ],
  },
  {
    name: 'no-wait',
    why: 'the write returns when its message is sent',
    edits: [
      machine(
        'write.ts',
        "if (state.mode === 'eventual') return finish",
        'if (true) return finish',
      ),
    ],
  },
  {
    name: 'short-wait',
    why: 'the writer waits less than a lease lasts',
    edits: [
      machine('write.ts', 'until: start + state.leaseMs', 'until: start + state.leaseMs * 0.9'),
    ],
  },
  {
    name: 'foreign-write-ignored',
    why: 'a write to the new database leaves what is cached of the old one in use',
    edits: [
      machine(
        'write.ts',
        'if (state.identity !== write.identity) startAfresh(state, write.identity);',
        '',
      ),
    ],
  },
  {
    name: 'foreign-message-answered',
    why: 'the xid of another database is answered for as if it meant something here',
    edits: [
      machine(
        'write.ts',
        'xid: message.xid });\n    return undefined;',
        "xid: message.xid });\n    return { type: 'answer', from: state.id, to: message.from, xid: message.xid };",
      ),
    ],
  },
  {
    name: 'answer-for-lost-write',
    why: 'the xid of a lost write is given out again, and a late answer counts for the new one',
    edits: [
      machine(
        'write.ts',
        'const ambiguous = write.xid < state.reusedBelow;',
        'const ambiguous = false;',
      ),
    ],
  },
  {
    name: 'reaped-early',
    why: 'a member is taken off the list while its lease still runs',
    edits: [machine('membership.ts', '>= state.leaseMs) {', '>= state.leaseMs / 3) {')],
  },
  {
    name: 'reaped-by-name',
    why: 'a member that came back meanwhile is taken off the list',
    edits: [
      world(
        'database.ts',
        'if (this.#members.get(id)?.beat === beat) this.#members.delete(id);',
        'this.#members.delete(id);',
      ),
    ],
  },
  {
    name: 'reaped-in-another-database',
    why: 'a replica takes over with the old beat of a member that is back, and the member is taken off',
    edits: [world('database.ts', '    if (identity !== this.identity) return;\n', '')],
  },
  {
    name: 'beat-repeats',
    why: 'a beat that was seen before looks like one that stands still',
    edits: [
      world('database.ts', 'const beat: Beat = `b${xid}`;', 'const beat: Beat = `b${xid % 2}`;'),
    ],
  },
  {
    name: 'expiry-by-database-clock',
    why: "members are counted out by a clock that isn't theirs",
    edits: [
      world(
        'database.ts',
        '  members(): string[] {\n    return [...this.#members.keys()];',
        '  members(): string[] {\n    return [...this.#members].filter(([, { at }]) => this.#clock() - at < 4000).map(([id]) => id);',
      ),
    ],
  },
  {
    name: 'id-reused',
    why: 'a new process answers for an old one that still runs',
    edits: [world('start-process.ts', '`p${slot}.${processes.length}`', '`p${slot}`')],
  },
  {
    name: 'left-before-stopped',
    why: 'its row is gone while it still answers from its caches',
    edits: [
      machine(
        'membership.ts',
        '  state.stopped = true;\n  state.lease.drop();\n  state.l1.clear();\n  try {\n    yield* leaveDirectory(state.id, state.leaseMs);',
        '  try {\n    yield* leaveDirectory(state.id, state.leaseMs);\n    state.stopped = true;\n    state.lease.drop();\n    state.l1.clear();',
      ),
    ],
  },
  {
    name: 'renewed-after-leaving',
    why: 'a renewal under way gives a lease back to a process that has left the list',
    edits: [machine('renew.ts', '    if (state.stopped) return NOT_RENEWED;\n', '')],
  },
  {
    name: 'published-before-commit',
    why: 'who reads between the message and the commit keeps the old value as new',
    published: 'drizzle-orm #5828',
    edits: [
      world(
        'client.ts',
        '          identity = database.identity;',
        '          identity = database.identity;\n          early = world.random.chance(0.5);\n          if (early) process.start(process.member.written({ xid: tx.xid, tags: tx.tags, identity }), () => {});',
      ),
      world(
        'client.ts',
        "    let identity = '';",
        "    let identity = '';\n    let early = false;",
      ),
      world('client.ts', 'tx: tx!,', 'tx: tx!, early,'),
      world(
        'client.ts',
        '  readonly tx: Transaction;\n  readonly identity',
        '  readonly tx: Transaction;\n  readonly early: boolean;\n  readonly identity',
      ),
      world(
        'client.ts',
        '    checker.acknowledged(process, commit);',
        '    checker.acknowledged(process, commit);',
      ),
    ],
  },
  {
    name: 'published-of-unknown-outcome',
    why: 'the connection was lost in COMMIT: what is published may commit later, after others loaded',
    edits: [
      world(
        'client.ts',
        '          process.openWrites -= 1;\n          return;',
        '          process.openWrites -= 1;\n          if (tx !== undefined) process.start(process.member.written({ xid: tx.xid, tags: tx.tags, identity }), () => {});\n          return;',
      ),
    ],
  },
];

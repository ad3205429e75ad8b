/**
 * After a commit: tell everybody, and return once nobody can serve what was before it. Every member
 * listed after the commit either has answered that it knows the write, or its lease, which began
 * with a renewal before the commit, has run out.
 */
import { fork, listMembers, publish, wait, type Op } from './effects.ts';
import type { Xid } from './entry.ts';
import type { WriteHow } from './events.ts';
import { adopt, startAfresh } from './identity.ts';
import { Latch } from './latch.ts';
import type { Message } from './ports.ts';
import type { MemberState, PendingWrite } from './state.ts';

export interface Written {
  readonly xid: Xid;
  /** Of all its outbox rows, read back inside the transaction. Empty: nothing was changed. */
  readonly tags: readonly string[];
  /** As in Observation, read in the same transaction. */
  readonly identity: string;
}

export interface WriteOutcome {
  readonly how: WriteHow;
  readonly waitedMs: number;
  /** Other members at the time; undefined if they could not be read or did not matter. */
  readonly others: number | undefined;
}

/** To be started at once when the commit's reply has arrived, and only then. */
export function* written(state: MemberState, write: Written): Op<WriteOutcome> {
  if (write.tags.length === 0) return { how: 'unchanged', waitedMs: 0, others: undefined };
  // Counted from the commit's reply: whoever then holds a lease from before the commit has less.
  const start = state.clock.monoMs();
  learn(state, write);
  const pending: PendingWrite = {
    answered: new Set(),
    missing: undefined,
    complete: new Latch<true>(),
  };
  state.pending.set(write.xid, pending);
  state.announcedMax = Math.max(state.announcedMax, write.xid);
  try {
    yield* fork(announce(state, write, undefined));
    const finish = (how: WriteHow, others: number | undefined): WriteOutcome => {
      const waitedMs = state.clock.monoMs() - start;
      state.emit({ type: 'write-done', xid: write.xid, how, ms: waitedMs });
      return { how, waitedMs, others };
    };
    if (state.mode === 'eventual') return finish('eventual', undefined);
    const others = yield* readOthers(state);
    // FENCE reused-xid: a database that lost commits gives their xids out again, and an answer names
    // no more than the xid: it may be for the write that was lost. Then only the lease counts.
    const ambiguous = write.xid < state.reusedBelow;
    if (others !== undefined && others.length === 0) return finish('alone', 0);
    if (others !== undefined && !ambiguous) {
      pending.missing = new Set(others.filter((id) => !pending.answered.has(id)));
      if (pending.missing.size === 0) pending.complete.settle(true);
    }
    yield* awaitAnswers(state, { write, pending, until: start + state.leaseMs });
    return finish(pending.complete.settled ? 'answered' : 'lease', others?.length);
  } finally {
    if (state.pending.get(write.xid) === pending) state.pending.delete(write.xid);
  }
}

function learn(state: MemberState, write: Written): void {
  if (state.identity === undefined) adopt(state, write.identity);
  // FENCE foreign-write: it went to another database than the one that is known. What is cached
  // here is of the old one, and the new one's list of members may not even have this process.
  if (state.identity !== write.identity) startAfresh(state, write.identity);
  // FENCE own-write: the writer is not asked, so it must know by itself.
  state.knowledge.apply(write.xid, write.tags);
  state.emit({ type: 'write-applied', xid: write.xid, by: 'self' });
}

/**
 * FENCE members-after-commit: one who joins after this list was read has renewed after the commit,
 * and so knows the write from the outbox.
 */
function* readOthers(state: MemberState): Op<readonly string[] | undefined> {
  try {
    const ids = yield* listMembers(state.leaseMs);
    return ids.filter((id) => id !== state.id);
  } catch {
    // FENCE list-unknown: whoever may be on it, their leases run out.
    return undefined;
  }
}

interface Waiting {
  readonly write: Written;
  readonly pending: PendingWrite;
  readonly until: number;
}

function* awaitAnswers(state: MemberState, waiting: Waiting): Op<void> {
  const { write, pending, until } = waiting;
  for (;;) {
    const leftMs = until - state.clock.monoMs();
    if (pending.complete.settled || leftMs <= 0) return;
    yield* wait(pending.complete, Math.min(leftMs, state.limits.resendMs));
    if (pending.complete.settled || pending.missing === undefined) continue;
    const to = [...pending.missing];
    state.emit({ type: 'write-resent', xid: write.xid, to: to.length });
    yield* fork(announce(state, write, to));
  }
}

function* announce(
  state: MemberState,
  write: Written,
  to: readonly string[] | undefined,
): Op<void> {
  const message: Message = { type: 'write', from: state.id, ...write };
  try {
    yield* publish(message, to, state.leaseMs);
  } catch {
    // Unanswered, it is sent again; unanswered to the end, the lease has passed.
  }
}

/** Handles what the journal delivers; returns the answer to publish to the sender, if any. */
export function receive(state: MemberState, message: Message): Message | undefined {
  if (message.type === 'answer') {
    receiveAnswer(state, message);
    return undefined;
  }
  if (message.from === state.id || state.stopped) return undefined;
  if (state.identity === undefined) adopt(state, message.identity);
  if (state.identity !== message.identity) {
    // FENCE foreign-message: xids of another database; an answer would be a lie. Silence costs the
    // writer one lease.
    state.emit({ type: 'write-foreign', xid: message.xid });
    return undefined;
  }
  // FENCE apply-then-answer: the answer says that nothing older will be served from here.
  state.knowledge.apply(message.xid, message.tags);
  state.emit({ type: 'write-applied', xid: message.xid, by: 'journal' });
  return { type: 'answer', from: state.id, to: message.from, xid: message.xid };
}

function receiveAnswer(state: MemberState, message: Message & { readonly type: 'answer' }): void {
  const pending = message.to === state.id ? state.pending.get(message.xid) : undefined;
  if (pending === undefined) return;
  pending.answered.add(message.from);
  if (pending.missing === undefined) return;
  pending.missing.delete(message.from);
  // FENCE all-answers: one that is missing may be the one that serves the old value.
  if (pending.missing.size === 0) pending.complete.settle(true);
}

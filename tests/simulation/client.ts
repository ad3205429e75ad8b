/**
 * What clients do in the simulated world: read a key at a process, write facts through one, or
 * change them behind the API's back; with every answer given to the checker.
 */
import type { Answer } from '../../src/cache/coherence/read.ts';
import type { Commit, Transaction } from './database.ts';
import type { Process } from './process.ts';
import { makeFreshness, writeTags, type KeyPlan } from './workload.ts';
import { living, type World } from './world.ts';

export function readKey(world: World, process: Process, key: KeyPlan): void {
  process.deliver(() => {
    const { checker, plan, random, cover } = world;
    const { member } = process;
    const ticket = checker.begin(process, key, member.status().leaseHeld);
    process.openReads += 1;
    const end = (answer: Answer): void => {
      process.openReads -= 1;
      cover(`read:${answer.outcome}:${answer.tier}`);
      world.trace?.(
        `${process.id} read ${key.name} ${answer.outcome} ${answer.tier} ${JSON.stringify([...(answer.entry.value as Map<number, number>)])} ${JSON.stringify(answer.entry.provenance)} began ${ticket.beganMs.toFixed(1)}`,
      );
      checker.end(process, ticket, answer);
    };
    const bypass = random.chance(plan.freshness.bypass);
    const entry = bypass ? undefined : member.hit(key.name);
    if (entry !== undefined) {
      end({ entry, outcome: 'hit', tier: 'l1' });
      return;
    }
    const request = {
      key: key.name,
      tags: key.tags,
      freshness: makeFreshness(plan),
      load: key,
      bypass,
    };
    process.start(member.read(request), (reply) => {
      if (reply.ok) {
        end(reply.value as Answer);
        return;
      }
      process.openReads -= 1;
      cover('read-failed');
    });
  });
}

export interface WritePlanned {
  readonly facts: readonly number[];
  /** From the first statement to the commit. */
  readonly holdMs: number;
  readonly bulk: boolean;
  readonly rollback: boolean;
}

export function writeFacts(world: World, process: Process, write: WritePlanned): void {
  process.deliver(() => {
    const { database, plan } = world;
    process.openWrites += 1;
    let tx: Transaction | undefined;
    let identity = '';
    process.callDatabase({
      what: 'write',
      timeoutMs: 5000,
      holdMs: write.holdMs,
      replyLost: plan.writes.unknown,
      broken: () => tx !== undefined && database.rollback(tx),
      steps: [
        () => {
          tx = database.begin(write.facts, writeTags(plan, write.facts, write.bulk));
          identity = database.identity;
        },
        () => finishWrite(world, tx!, write),
      ],
      done: (reply) => {
        // A commit whose outcome is unknown answers an error and publishes nothing.
        if (!reply.ok) {
          process.openWrites -= 1;
          return;
        }
        acknowledge(world, process, {
          commit: reply.value as Commit | undefined,
          tx: tx!,
          identity,
        });
      },
    });
  });
}

function finishWrite(world: World, tx: Transaction, write: WritePlanned): Commit | undefined {
  const { database } = world;
  if (write.rollback) {
    database.rollback(tx);
    return undefined;
  }
  const commit = database.commit(tx);
  if (commit === undefined) throw new Error('the transaction was lost');
  return commit;
}

interface Committed {
  readonly commit: Commit | undefined;
  readonly tx: Transaction;
  readonly identity: string;
}

function acknowledge(world: World, process: Process, committed: Committed): void {
  const { checker, timeline } = world;
  const { commit, tx, identity } = committed;
  const beganMs = timeline.nowMs();
  const pausedBefore = process.pausedMs;
  const tags = commit === undefined ? [] : tx.tags;
  process.start(process.member.written({ xid: tx.xid, tags, identity }), (reply) => {
    process.openWrites -= 1;
    if (!reply.ok) {
      checker.fail('fork', `${process.id}: a committed write failed: ${String(reply.error)}`);
      return;
    }
    if (commit === undefined) {
      world.cover('write-unchanged');
      return;
    }
    checker.acknowledged(process, commit);
    world.counts.writeWaitsMs.push(timeline.nowMs() - beganMs);
    checker.writeWaited(process, timeline.nowMs() - beganMs - (process.pausedMs - pausedBefore));
    world.trace?.(`${process.id} acknowledged ${tx.xid} ${JSON.stringify(reply.value)}`);
    probe(world, commit);
  });
}

/** Reads right behind an acknowledgement, everywhere: where an old value would show. */
function probe(world: World, commit: Commit): void {
  const { plan, random, timeline, keys } = world;
  const affected = keys.filter((key) => key.facts.some((fact) => commit.facts.includes(fact)));
  if (affected.length === 0) return;
  for (const process of living(world)) {
    for (let i = 0; i < plan.probes; i += 1) {
      const key = random.pick(affected);
      const afterMs = i === 0 ? 0 : random.around(random.chance(0.7) ? 20 : 600);
      timeline.after(afterMs, () => readKey(world, process, key));
    }
  }
}

/** Not through any process: a console, a script, another program. */
export function writeBehind(world: World, write: WritePlanned): void {
  const { database, plan, timeline, weather } = world;
  if (!weather.databaseUp) return;
  const tx = database.begin(write.facts, writeTags(plan, write.facts, write.bulk));
  timeline.after(write.holdMs, () => {
    if (write.rollback) database.rollback(tx);
    else database.commit(tx);
  });
}

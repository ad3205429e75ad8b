/**
 * One simulated process: a member of the protocol with clocks of its own, a memory, and a driver
 * that performs the member's effects in virtual time. It can stall at every await, be paused, be
 * suspended with its monotonic clock standing still, and die.
 */
import type { Effect, Op } from '../../src/cache/coherence/effects.ts';
import type { Resident } from '../../src/cache/coherence/entry.ts';
import type { CoherenceEvent } from '../../src/cache/coherence/events.ts';
import { createMember, type Member } from '../../src/cache/coherence/member.ts';
import type { Loaded, MemoryPort, Message } from '../../src/cache/coherence/ports.ts';
import { ambushBurial } from './ambush-reset.ts';
import { ambushLeaving, ambushReaped, ambushRenewal, ambushReaping } from './ambush.ts';
import { eventName } from './coverage.ts';
import { call, databaseLatency, latency, type Reply } from './link.ts';
import { loadSteps, type KeyPlan } from './workload.ts';
import type { World } from './world.ts';

/** From a beat's first moment to its commit: its xid is open meanwhile. */
const BEAT_COMMIT_MS = 0.2;

export class Process {
  readonly id: string;
  readonly slot: number;
  readonly rate: number;
  readonly member: Member;
  alive = true;
  leaving = false;
  /** Total time paused, to be taken off when waiting is measured. */
  pausedMs = 0;
  openReads = 0;
  /** On top of the shared store's latency. */
  slowStoreMs = 0;
  openWrites = 0;
  /** Changes whenever knowledge or lease does: two loads of one key within one are one too many. */
  era = 0;
  readonly #world: World;
  readonly #memory: MemoryPort;
  /** Open flights that began with a lease, and the era they began in. */
  readonly #flights = new Map<number, { readonly key: string; readonly era: number }>();
  #pausedUntil = 0;
  #monoLostMs = 0;
  #wallOffsetMs: number;
  readonly #bornMs: number;

  constructor(world: World, slot: number, id: string) {
    const { random, plan } = world;
    this.#world = world;
    this.slot = slot;
    this.id = id;
    const drift = plan.faults.drift;
    this.rate =
      1 + (random.chance(0.5) ? random.pick([-drift, drift]) : random.between(-drift, drift));
    this.#bornMs = world.timeline.nowMs();
    this.#wallOffsetMs = 1_000_000 + random.between(-20, 20);
    this.#memory = createMemory(plan.limits.l1Max);
    const limits = {
      ...plan.limits,
      resendMs: 100,
      storeTimeoutMs: 250,
      claimWaitMs: 300,
      loadQueueTimeoutMs: 2000,
    };
    this.member = createMember({
      id,
      leaseMs: plan.leaseMs,
      mode: plan.mode,
      clock: { monoMs: () => this.monoMs(), wallMs: () => this.wallMs() },
      random: random.next,
      l1: this.#memory,
      limits,
      emit: (event) => this.#note(event),
    });
  }

  // Time

  monoMs(): number {
    return (this.#world.timeline.nowMs() - this.#bornMs - this.#monoLostMs) * this.rate;
  }
  wallMs(): number {
    return this.#world.timeline.nowMs() * this.rate + this.#wallOffsetMs;
  }
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }
  get paused(): boolean {
    return this.#pausedUntil > this.#world.timeline.nowMs();
  }

  pause(forMs: number, suspended: boolean): void {
    if (this.paused) return;
    this.#pausedUntil = this.#world.timeline.nowMs() + forMs;
    this.pausedMs += forMs;
    // Whether a suspension counts shows only afterwards: nothing reads a clock meanwhile.
    if (suspended) this.#monoLostMs += forMs;
    this.#world.trace?.(
      `${this.id} ${suspended ? 'suspended' : 'paused'} for ${forMs.toFixed(0)} ms`,
    );
  }

  /** Memory is short: L1 loses everything. */
  evict(): void {
    this.#memory.clear();
  }

  die(): void {
    this.alive = false;
    this.#world.trace?.(`${this.id} dead`);
  }

  /** Runs something in this process: now, or when it wakes up; never once it is dead. */
  deliver(what: () => void): void {
    if (!this.alive) return;
    const { random, plan, timeline, weather } = this.#world;
    const { stall, suspended, pauseMs } = plan.faults;
    if (stall > 0 && !weather.calm && !this.paused && random.chance(stall)) {
      this.pause(random.between(1, 2 * pauseMs), random.chance(suspended));
    }
    if (this.paused) timeline.at(this.#pausedUntil, () => this.deliver(what));
    else what();
  }

  receive(message: Message): void {
    const answer = this.member.receive(message);
    if (answer === undefined || answer.type !== 'answer') return;
    this.#world.journal.publish(this.#world, this, { message: answer, to: [answer.to] });
  }

  // Driver

  /** Runs an operation to its end in virtual time. */
  start<R>(op: Op<R>, done: (reply: Reply) => void): void {
    const proceed = (reply: Reply): void => {
      let next: Reply = reply;
      for (;;) {
        let step: IteratorResult<Effect, R>;
        try {
          step = next.ok ? op.next(next.value) : op.throw(next.error);
        } catch (error) {
          done({ ok: false, error });
          return;
        }
        if (step.done === true) {
          done({ ok: true, value: step.value });
          return;
        }
        if (step.value.kind !== 'fork') {
          this.#perform(step.value, proceed);
          return;
        }
        this.start(step.value.op, (end) => {
          if (!end.ok) this.#world.checker.fail('fork', `${this.id}: ${String(end.error)}`);
        });
        next = { ok: true, value: undefined };
      }
    };
    proceed({ ok: true, value: undefined });
  }

  #perform(effect: Exclude<Effect, { kind: 'fork' }>, done: (reply: Reply) => void): void {
    const world = this.#world;
    switch (effect.kind) {
      case 'wait':
        this.#wait(effect, done);
        return;
      case 'load':
        this.#load(effect, done);
        return;
      case 'publish':
        if (world.plan.journal) world.journal.publish(world, this, effect);
        this.#world.timeline.after(latency(world), () =>
          this.deliver(() => done({ ok: true, value: undefined })),
        );
        return;
      case 'storeGet':
      case 'storeSet':
      case 'storeClaim':
      case 'storeRelease':
        this.#callStore(effect, done);
        return;
      default:
        this.#callDirectory(effect, done);
    }
  }

  #wait(effect: Effect & { kind: 'wait' }, done: (reply: Reply) => void): void {
    const { timeline } = this.#world;
    let over = false;
    const wake = (): void => {
      if (over) return;
      over = true;
      this.deliver(() => done({ ok: true, value: undefined }));
    };
    if (effect.latch?.settled === true) {
      timeline.after(0, wake);
      return;
    }
    effect.latch?.subscribe(() => timeline.after(0, wake));
    // A timer's least is one millisecond, as in Node.
    if (effect.timeoutMs !== Infinity)
      timeline.after(Math.max(1, effect.timeoutMs) / this.rate, wake);
  }

  #callDirectory(
    effect: Effect & { kind: 'beat' | 'observe' | 'members' | 'reap' | 'leave' | 'trim' },
    done: (reply: Reply) => void,
  ): void {
    const { database } = this.#world;
    const steps: (() => unknown)[] = [];
    let xid = 0;
    let holdMs = BEAT_COMMIT_MS;
    let replyDelayMs = 0;
    let queuedMs = 0;
    switch (effect.kind) {
      case 'beat':
        steps.push(
          () => (xid = database.beginBeat()),
          () => database.commitBeat(effect.id, xid),
        );
        break;
      case 'observe':
        steps.push(() => {
          const seen = database.observe(effect.since);
          replyDelayMs = ambushRenewal(this.#world, this);
          return seen;
        });
        break;
      case 'members':
        steps.push(() => database.members());
        break;
      case 'reap':
        queuedMs = ambushBurial(this.#world, effect.grave.id);
        holdMs = queuedMs > 0 ? 0 : ambushReaping(this.#world, effect.grave.id);
        steps.push(
          () => undefined,
          () => {
            database.reap(effect.grave);
            ambushReaped(this.#world, effect.grave.id);
          },
        );
        break;
      case 'leave':
        steps.push(() => {
          database.leave(effect.id);
          replyDelayMs = ambushLeaving(this.#world, this);
        });
        break;
      case 'trim':
        steps.push(() => database.trim(effect.request));
        break;
    }
    const hear = (reply: Reply): void => {
      this.era += 1;
      done(reply);
    };
    const { kind: what, timeoutMs } = effect;
    this.#world.counts.statements += 1;
    const slowMs = (): number => {
      return replyDelayMs;
    };
    const send = (): void =>
      this.callDatabase({ steps, holdMs, what, timeoutMs, slowMs, done: hear });
    if (queuedMs === 0) send();
    else this.#world.timeline.after(queuedMs, () => this.deliver(send));
  }

  callDatabase(request: {
    readonly steps: readonly (() => unknown)[];
    readonly holdMs: number;
    readonly what: string;
    readonly timeoutMs: number;
    readonly replyLost?: number;
    readonly broken?: () => void;
    /** On top of the usual latency, on the way there and on the way back. */
    readonly slowMs?: () => number;
    readonly done: (reply: Reply) => void;
  }): void {
    const world = this.#world;
    call(world, {
      process: this,
      reachable: () => world.weather.databaseUp && !world.weather.databaseCut.has(this),
      epoch: () => world.database.epoch,
      latencyMs: () => databaseLatency(world) + (request.slowMs?.() ?? 0),
      ...request,
    });
  }

  #load(effect: Effect & { kind: 'load' }, done: (reply: Reply) => void): void {
    const world = this.#world;
    const key = effect.load as KeyPlan;
    const { steps, finish } = loadSteps(world, key);
    const crowd = world.plan.faults.overload ? 1 + (world.loadsActive / 6) ** 2 : 1;
    world.loadsActive += 1;
    world.counts.loads += 1;
    const { loadMs: meanMs } = world.plan;
    const loadMs = world.weather.calm ? meanMs / 2 : world.random.around(meanMs);
    this.callDatabase({
      steps,
      holdMs: (loadMs * crowd) / steps.length,
      what: 'load',
      timeoutMs: effect.timeoutMs,
      done: (reply) => {
        world.loadsActive -= 1;
        done(reply.ok ? { ok: true, value: finish(this.wallMs()) satisfies Loaded } : reply);
      },
    });
  }

  /** Two flights of one key at once, with a lease and nothing learnt in between: a stampede. */
  #checkCrowd(event: CoherenceEvent): void {
    if (event.type === 'flight' && event.state === 'fetching') {
      for (const [flight, open] of this.#flights) {
        if (flight !== event.flight && open.key === event.key && open.era === this.era) {
          this.#world.checker.fail('stampede', `${this.id} fetches ${event.key} twice at once`);
        }
      }
      this.#flights.set(event.flight, { key: event.key, era: this.era });
    } else if (event.type === 'flight-landed' || event.type === 'flight-failed') {
      this.#flights.delete(event.flight);
    }
  }

  #callStore(
    effect: Effect & { kind: 'storeGet' | 'storeSet' | 'storeClaim' | 'storeRelease' },
    done: (reply: Reply) => void,
  ): void {
    const world = this.#world;
    const { store, plan, random, weather } = world;
    const step = (): unknown => {
      switch (effect.kind) {
        case 'storeGet':
          return store.get(this.id, effect.key);
        case 'storeSet':
          return store.set(this.id, effect.key, effect.entry);
        case 'storeClaim':
          return store.claim(this.id, effect.key, effect);
        case 'storeRelease':
          return store.release(this.id, effect.key, effect.by);
      }
    };
    if (!plan.store) {
      const value = effect.kind === 'storeClaim' ? true : undefined;
      world.timeline.after(0, () => this.deliver(() => done({ ok: true, value })));
      return;
    }
    call(world, {
      process: this,
      timeoutMs: effect.timeoutMs,
      what: effect.kind,
      steps: [step],
      holdMs: 0,
      reachable: () => weather.calm || !random.chance(plan.faults.storeErrors),
      epoch: () => 0,
      latencyMs: () => latency(world) + world.random.around(plan.storeMs) + this.slowStoreMs,
      done,
    });
  }

  #note(event: CoherenceEvent): void {
    const name = eventName(event);
    this.#world.cover(name);
    this.#checkCrowd(event);
    if (event.type === 'write-applied') this.era += 1;
    if (event.type === 'lease-gained' || event.type === 'lease-lost') {
      this.era += 1;
      if (event.type === 'lease-lost') this.#world.checker.leaseLost(this);
    }
    if (this.#world.trace === undefined) return;
    const { type: _type, ...rest } = event;
    this.#world.trace(`${this.id} ${name} ${JSON.stringify(rest, replaceError)}`);
  }
}

function replaceError(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}

/** L1 as a map; with a bound, the oldest goes. */
function createMemory(max: number): MemoryPort {
  const map = new Map<string, Resident>();
  return {
    get: (key) => map.get(key),
    set: (key, resident) => {
      map.set(key, resident);
      if (max > 0 && map.size > max) map.delete(map.keys().next().value!);
    },
    delete: (key) => void map.delete(key),
    clear: () => map.clear(),
  };
}

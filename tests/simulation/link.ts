/**
 * The way between a process and a server: latency, lost requests and lost replies, time-outs. A call
 * is a row of steps, each one instant at the server; the process hears of the last one, or of
 * nothing. What the server has begun it does whether or not anybody still listens.
 */
import { CoherenceError } from '../../src/cache/coherence/errors.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export type Reply =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

export interface Call {
  readonly process: Process;
  readonly timeoutMs: number;
  readonly what: string;
  /** Run at the server in order, `holdMs` apart; the last one's result is the reply. */
  readonly steps: readonly (() => unknown)[];
  readonly holdMs: number;
  /** Beyond the general chance that a reply is lost. */
  readonly replyLost?: number;
  /** The server finds the connection gone between two steps. */
  readonly broken?: () => void;
  /** Whether the server is there for this process at this instant. */
  readonly reachable: () => boolean;
  /** Changes when the server's connections die; a call can't outlive that. */
  readonly epoch: () => number;
  readonly latencyMs: () => number;
  readonly done: (reply: Reply) => void;
}

const SPIKE_CHANCE = 0.01;
/** Of broken connections: those that are noticed at once. */
const NOTICED_SHARE = 0.75;
/** Beyond it a connection is given up by the system. */
const LATENCY_MS_MAX = 6000;

export function call(world: World, request: Call): void {
  const { timeline, random, plan } = world;
  const { process, steps } = request;
  const deadline = timeline.nowMs() + request.timeoutMs / process.rate;
  let over = false;

  const finish = (atMs: number, reply: Reply): void => {
    if (over) return;
    over = true;
    const late = atMs > deadline;
    const told: Reply = late ? { ok: false, error: timedOut(request) } : reply;
    timeline.at(Math.min(atMs, deadline), () => process.deliver(() => request.done(told)));
  };
  // A broken connection is noticed at once, or never: then the time-out tells.
  const lose = (): void => {
    const error = new Error(`${request.what}: connection lost`);
    if (random.chance(NOTICED_SHARE))
      finish(timeline.nowMs() + random.around(5), { ok: false, error });
    else finish(Infinity, { ok: false, error });
  };

  if (!request.reachable()) {
    lose();
    return;
  }
  const epoch = request.epoch();
  const replyLost = world.weather.calm ? 0 : plan.faults.replyLost + (request.replyLost ?? 0);
  if (replyLost > 0 && random.chance(replyLost / 2)) {
    // The process sees an error while the server is still at work, and will go on with it.
    const error = new Error(`${request.what}: connection lost`);
    const soon = random.between(0, 2) * (request.latencyMs() + request.holdMs);
    finish(timeline.nowMs() + soon, { ok: false, error });
  }
  // What comes after the deadline still happens; but the time-out is told when it is due.
  const goOn = (afterMs: number, index: number): void => {
    if (timeline.nowMs() + afterMs > deadline) finish(Infinity, { ok: true, value: undefined });
    timeline.after(afterMs, () => step(index));
  };
  const step = (index: number): void => {
    if (!request.reachable() || request.epoch() !== epoch) {
      request.broken?.();
      lose();
      return;
    }
    let value: unknown;
    try {
      value = steps[index]!();
    } catch (error) {
      finish(timeline.nowMs() + request.latencyMs(), { ok: false, error });
      return;
    }
    if (index + 1 < steps.length) {
      goOn(request.holdMs, index + 1);
    } else if (
      random.chance(plan.faults.replyLost + (request.replyLost ?? 0)) &&
      !world.weather.calm
    ) {
      lose();
    } else {
      finish(timeline.nowMs() + request.latencyMs(), { ok: true, value });
    }
  };
  goOn(request.latencyMs(), 0);
}

function timedOut(request: Call): CoherenceError {
  const code = request.what === 'load' ? 'LOAD_TIMEOUT' : 'PORT_TIMEOUT';
  return new CoherenceError(code, request.what);
}

/** Mostly near the mean, now and then far above. */
export function latency(world: World): number {
  const { random, plan, weather } = world;
  const base = plan.latencyMs * random.between(0.5, 1.5);
  if (weather.calm || plan.faults.overload || !random.chance(SPIKE_CHANCE)) return base;
  return base * random.between(5, 200);
}

export function databaseLatency(world: World): number {
  const { plan, loadsActive, weather } = world;
  // An overrun server answers everybody late, renewals too.
  const crowd = plan.faults.overload ? 1 + (loadsActive / 12) ** 2 : 1;
  return Math.min(LATENCY_MS_MAX, latency(world) * weather.databaseSlowness * crowd);
}

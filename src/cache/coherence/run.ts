/**
 * The production driver: performs an operation's effects with promises. Bounds every effect in
 * time; what arrives after its time-out is ignored. Holds no state of its own.
 */
import type { Effect, Op } from './effects.ts';
import { CoherenceError } from './errors.ts';
import type { Latch } from './latch.ts';
import type { Ports } from './ports.ts';
import { within } from './within.ts';

/** setTimeout's own bound; a longer wait is one without an end. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

export async function run<R>(op: Op<R>, ports: Ports): Promise<R> {
  let step = op.next();
  while (step.done !== true) {
    let result: unknown;
    try {
      result = await performEffect(step.value, ports);
    } catch (error) {
      step = op.throw(error);
      continue;
    }
    step = op.next(result);
  }
  return step.value;
}

function performEffect(effect: Effect, ports: Ports): unknown {
  switch (effect.kind) {
    case 'fork':
      // Forked operations handle their own failures; what escapes is a bug, and must be seen.
      void run(effect.op, ports);
      return undefined;
    case 'wait':
      return waitFor(effect.latch, effect.timeoutMs);
    case 'load':
      return loadBounded(effect, ports);
    default:
      return bounded(call(effect, ports), effect);
  }
}

type Call = Exclude<Effect, { kind: 'fork' | 'wait' | 'load' }>;

function call(effect: Call, ports: Ports): Promise<unknown> {
  const { directory, store, journal } = ports;
  switch (effect.kind) {
    case 'beat':
      return directory.beat(effect.id);
    case 'observe':
      return directory.observe(effect.since);
    case 'members':
      return directory.members();
    case 'reap':
      return directory.reap(effect.grave);
    case 'leave':
      return directory.leave(effect.id);
    case 'trim':
      return directory.trim(effect.request);
    case 'storeGet':
      return store?.get(effect.key) ?? Promise.resolve(undefined);
    case 'storeSet':
      return store?.set(effect.key, effect.entry, effect.ttlMs) ?? Promise.resolve();
    case 'storeClaim':
      return store?.claim(effect.key, effect.by, effect.ttlMs) ?? Promise.resolve(true);
    case 'storeRelease':
      return store?.release(effect.key, effect.by) ?? Promise.resolve();
    case 'publish':
      return journal?.publish(effect.message, effect.to) ?? Promise.resolve();
  }
}

async function loadBounded(effect: Effect & { kind: 'load' }, ports: Ports): Promise<unknown> {
  const controller = new AbortController();
  try {
    return await bounded(ports.load(effect.load, controller.signal), effect);
  } finally {
    // Also after success: whatever the loader left running has no reader any more.
    controller.abort();
  }
}

function bounded(
  work: Promise<unknown>,
  { kind, timeoutMs }: { readonly kind: string; readonly timeoutMs: number },
): Promise<unknown> {
  const code = kind === 'load' ? 'LOAD_TIMEOUT' : 'PORT_TIMEOUT';
  const late = () => new CoherenceError(code, `${kind}: no answer in ${timeoutMs} ms`);
  return within(Math.min(timeoutMs, TIMEOUT_MS_MAX), work, late);
}

function waitFor(latch: Latch<unknown> | undefined, timeoutMs: number): Promise<void> | undefined {
  if (latch?.settled === true) return undefined;
  return new Promise((resolve) => {
    const unsubscribe = latch?.subscribe(() => {
      clearTimeout(timer);
      resolve();
    });
    const timeOut = (): void => {
      unsubscribe?.();
      resolve();
    };
    const timer = timeoutMs > TIMEOUT_MS_MAX ? undefined : setTimeout(timeOut, timeoutMs);
  });
}

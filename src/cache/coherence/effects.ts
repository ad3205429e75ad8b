/**
 * Operations are generators that yield effects and are resumed with their results (sans I/O): the
 * production driver (run.ts) performs them with promises, the simulator in virtual time. An effect
 * that fails is thrown into the generator. `timeoutMs` bounds every effect that goes outside: the
 * driver throws CoherenceError when it has passed, and ignores what arrives later.
 */
import type { Entry } from './entry.ts';
import type { Latch } from './latch.ts';
import type { Beat, Grave, Loaded, Message, Observation, Since, TrimRequest } from './ports.ts';

export type Effect =
  | { readonly kind: 'beat'; readonly id: string; readonly timeoutMs: number }
  | { readonly kind: 'observe'; readonly since: Since | undefined; readonly timeoutMs: number }
  | { readonly kind: 'members'; readonly timeoutMs: number }
  | { readonly kind: 'reap'; readonly grave: Grave; readonly timeoutMs: number }
  | { readonly kind: 'leave'; readonly id: string; readonly timeoutMs: number }
  | { readonly kind: 'trim'; readonly request: TrimRequest; readonly timeoutMs: number }
  | { readonly kind: 'storeGet'; readonly key: string; readonly timeoutMs: number }
  | {
      readonly kind: 'storeSet';
      readonly key: string;
      readonly entry: Entry;
      readonly ttlMs: number;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'storeClaim';
      readonly key: string;
      readonly by: string;
      readonly ttlMs: number;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'storeRelease';
      readonly key: string;
      readonly by: string;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'publish';
      readonly message: Message;
      readonly to: readonly string[] | undefined;
      readonly timeoutMs: number;
    }
  | { readonly kind: 'load'; readonly load: unknown; readonly timeoutMs: number }
  /** Waits for a latch, or for the time alone; resumes in either case, never throws. */
  | {
      readonly kind: 'wait';
      readonly latch: Latch<unknown> | undefined;
      readonly timeoutMs: number;
    }
  /** Starts another operation and goes on at once; its errors go nowhere. */
  | { readonly kind: 'fork'; readonly op: Op<void> };

export type Op<R> = Generator<Effect, R, unknown>;

/** The one place where an effect's result gets its type. */
function* perform<R>(effect: Effect): Op<R> {
  return (yield effect) as R;
}

export const beat = (id: string, timeoutMs: number): Op<Beat> =>
  perform({ kind: 'beat', id, timeoutMs });

export const observe = (since: Since | undefined, timeoutMs: number): Op<Observation> =>
  perform({ kind: 'observe', since, timeoutMs });

export const listMembers = (timeoutMs: number): Op<readonly string[]> =>
  perform({ kind: 'members', timeoutMs });

export const reap = (grave: Grave, timeoutMs: number): Op<void> =>
  perform({ kind: 'reap', grave, timeoutMs });

export const leaveDirectory = (id: string, timeoutMs: number): Op<void> =>
  perform({ kind: 'leave', id, timeoutMs });

export const trim = (request: TrimRequest, timeoutMs: number): Op<void> =>
  perform({ kind: 'trim', request, timeoutMs });

export const storeGet = (key: string, timeoutMs: number): Op<Entry | undefined> =>
  perform({ kind: 'storeGet', key, timeoutMs });

export const storeSet = (
  key: string,
  entry: Entry,
  bounds: { readonly ttlMs: number; readonly timeoutMs: number },
): Op<void> => perform({ kind: 'storeSet', key, entry, ...bounds });

export const storeClaim = (
  key: string,
  by: string,
  bounds: { readonly ttlMs: number; readonly timeoutMs: number },
): Op<boolean> => perform({ kind: 'storeClaim', key, by, ...bounds });

export const storeRelease = (key: string, by: string, timeoutMs: number): Op<void> =>
  perform({ kind: 'storeRelease', key, by, timeoutMs });

export const publish = (
  message: Message,
  to: readonly string[] | undefined,
  timeoutMs: number,
): Op<void> => perform({ kind: 'publish', message, to, timeoutMs });

export const load = (what: unknown, timeoutMs: number): Op<Loaded> =>
  perform({ kind: 'load', load: what, timeoutMs });

export const wait = (latch: Latch<unknown> | undefined, timeoutMs: number): Op<void> =>
  perform({ kind: 'wait', latch, timeoutMs });

export const fork = (op: Op<void>): Op<void> => perform({ kind: 'fork', op });

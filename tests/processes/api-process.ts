/**
 * A slot for API processes, and what a supervisor does with it: starts one, starts another when it
 * has ended, and gives up on a start that takes too long. Each start is a life of its own, with
 * its own member id and port; a read belongs to the life that it was sent to.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Guard } from './guard.ts';
import type { HttpCaller } from './http-call.ts';
import { markOf, pathOf, shownBy, type Read, type ReadAnswer } from './reading.ts';
import { READ_MS_MAX, RESTART_MS, START_MS_MAX } from './settings.ts';

export type ToProcess = { readonly id: number; readonly userId: string; readonly read: Read };
export type FromProcess =
  | { readonly type: 'ready'; readonly url: string }
  | ({ readonly type: 'answer'; readonly id: number } & ReadAnswer)
  | { readonly type: 'failure'; readonly id: number; readonly code: string };

export interface Life {
  /** `api-2.3`: third start of slot 2. */
  readonly id: string;
  readonly slot: number;
  readonly url: string;
  readHttp(read: Read): Promise<ReadAnswer>;
  readChannel(read: Read): Promise<ReadAnswer>;
}

export interface ApiProcess {
  readonly slot: number;
  /** The one that is up; undefined while there is none. */
  life(): Life | undefined;
  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Kept down until `raise`. */
  hold(): void;
  raise(): void;
  end(): Promise<void>;
}

export interface ApiProcessOptions {
  readonly slot: number;
  readonly env: Record<string, string>;
  readonly guard: Guard;
  readonly http: HttpCaller;
  readonly userId: () => string;
  /** A process that was up ended without being told to. */
  readonly onCrash: (id: string, why: string) => void;
}

const PROGRAM = fileURLToPath(new URL('./server-process.ts', import.meta.url));
/** Of what a process writes to stderr, for the report of a crash. */
const LAST_WORDS_MAX = 4_000;

export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export function createApiProcess(options: ApiProcessOptions): ApiProcess {
  const { slot, guard, http } = options;
  let starts = 0;
  let child: ChildProcess | undefined;
  let life: Life | undefined;
  let held = false;
  let ending = false;
  let expected = false;
  let retry: NodeJS.Timeout | undefined;

  function start(): void {
    if (child !== undefined || held || ending) return;
    starts += 1;
    const id = `api-${slot}.${starts}`;
    const started = fork(PROGRAM, [], {
      env: options.env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child = started;
    expected = false;
    guard.watch(started.pid);
    let lastWords = '';
    started.stderr?.on('data', (part: Buffer) => {
      lastWords = (lastWords + part.toString()).slice(-LAST_WORDS_MAX);
    });
    const waiting = new Map<number, PromiseWithResolvers<ReadAnswer>>();
    const tooLong = setTimeout(() => {
      if (life === undefined) started.kill('SIGKILL');
    }, START_MS_MAX);
    started.on('message', (message: FromProcess) => {
      if (message.type === 'ready') {
        clearTimeout(tooLong);
        life = createLife({ id, slot, url: message.url, child: started, waiting });
        return;
      }
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.type === 'answer') asked?.resolve(message);
      else asked?.reject(new UnansweredError(message.code));
    });
    started.on('error', () => undefined);
    started.once('exit', (code, signal) => {
      clearTimeout(tooLong);
      guard.forget(started.pid);
      for (const asked of waiting.values()) asked.reject(new UnansweredError('GONE'));
      if (life !== undefined && !expected && !ending) {
        options.onCrash(id, `exit ${code ?? signal}: ${lastWords.trim()}`);
      }
      child = undefined;
      life = undefined;
      retry = setTimeout(start, RESTART_MS);
    });
  }

  function createLife(given: {
    id: string;
    slot: number;
    url: string;
    child: ChildProcess;
    waiting: Map<number, PromiseWithResolvers<ReadAnswer>>;
  }): Life {
    let asked = 0;
    return {
      id: given.id,
      slot: given.slot,
      url: given.url,
      async readHttp(read) {
        const answer = await http.get(given.url, pathOf(read), READ_MS_MAX);
        if (answer.status !== 200) throw new UnansweredError(String(answer.status));
        const { result } = JSON.parse(answer.body) as {
          result: { data: { json: unknown }; cache?: { validUntil: number } };
        };
        return {
          shown: shownBy(read, result.data.json),
          mark: markOf(answer.cacheStatus, result.cache?.validUntil),
        };
      },
      async readChannel(read) {
        asked += 1;
        const id = asked;
        const waits = Promise.withResolvers<ReadAnswer>();
        given.waiting.set(id, waits);
        const timer = setTimeout(() => {
          given.waiting.delete(id);
          waits.reject(new UnansweredError('TIMEOUT'));
        }, READ_MS_MAX);
        const message: ToProcess = { id, read, userId: options.userId() };
        given.child.send(message, (error) => {
          if (error) waits.reject(new UnansweredError('GONE'));
        });
        return waits.promise.finally(() => clearTimeout(timer));
      },
    };
  }

  start();
  return {
    slot,
    life: () => life,
    signal(signal) {
      if (signal === 'SIGKILL' || signal === 'SIGTERM') expected = true;
      child?.kill(signal);
    },
    hold() {
      held = true;
    },
    raise() {
      held = false;
      start();
    },
    async end() {
      ending = true;
      clearTimeout(retry);
      const last = child;
      if (last === undefined) return;
      const ended = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      last.kill('SIGKILL');
      await ended;
      clearTimeout(retry);
    },
  };
}

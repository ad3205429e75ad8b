/**
 * The local model in a thread of its own, so that its 10 to 20 ms a text hold up no request. The
 * thread starts with the first text. Texts under way are bounded, and each has a time limit; when the
 * thread dies or hangs all of them fail at once, and a new one starts after a rest, which doubles
 * while threads keep dying. Throws EmbedderError, never waits for ever.
 */
import { Worker } from 'node:worker_threads';
import { MINUTE, SECOND } from '../../config/duration.ts';
import { EmbedderError, type Embedder } from './embedder.ts';
import type { EmbedAnswer, EmbedRequest } from './embedder-thread.ts';
import { DIMENSIONS, LOCAL_EMBEDDER_ID, WORDS_MAX } from './local-embedder.ts';

/** Texts under way: about a second of work. */
const TEXTS_MAX = 64;
const TIMEOUT_MS = 2 * SECOND;
/** The first text also waits for the model to load: 0.2 s alone, more on a busy machine. */
const START_MS = 10 * SECOND;
/**
 * The model's garbage is short-lived: with V8's defaults it is left lying until it takes 80 MB more. What
 * lives is 30 MB.
 */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };
const REST_MS = SECOND;
const REST_MS_MAX = MINUTE;

export interface WorkerEmbedderOptions {
  /** Texts under way at once; more fail as busy. Default 64. */
  readonly textsMax?: number;
  /** Longest wait for an answer. Default 2 s, and 10 s for a thread's first. */
  readonly timeoutMs?: number;
  /** Before a thread that died is replaced; doubles up to a minute. Default 1 s. */
  readonly restMs?: number;
  /** What the thread runs. Default: the local model. */
  readonly script?: URL;
}

interface Waiting {
  readonly texts: number;
  resolve(vectors: Float32Array[]): void;
  reject(error: EmbedderError): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
  hasAnswered: boolean;
  /** When it was last known to be at work: monotonic milliseconds. */
  aliveAt: number;
}

/** `.ts` in the source, `.js` in what is compiled of it. */
const SCRIPT = new URL(`embedder-thread${import.meta.url.slice(-3)}`, import.meta.url);

export function createWorkerEmbedder(options: WorkerEmbedderOptions = {}): Embedder {
  const { textsMax = TEXTS_MAX, timeoutMs = TIMEOUT_MS, restMs = REST_MS } = options;
  let thread: Thread | undefined;
  let restUntil = 0;
  let deaths = 0;
  let count = 0;
  let closed = false;

  function start(): Thread {
    const worker = new Worker(options.script ?? SCRIPT, { env: {}, resourceLimits: LIMITS });
    const started: Thread = { worker, waiting: new Map(), hasAnswered: false, aliveAt: 0 };
    worker.unref();
    worker.on('message', (answer: EmbedAnswer) => {
      const waiting = started.waiting.get(answer.number);
      started.waiting.delete(answer.number);
      started.hasAnswered = true;
      started.aliveAt = performance.now();
      deaths = 0;
      if ('vectors' in answer) waiting?.resolve([...answer.vectors]);
      else waiting?.reject(new EmbedderError('unavailable', `No embedding: ${answer.fault}`));
    });
    worker.on('error', () => undefined);
    worker.on('exit', () => retire(started, 'The embedder died'));
    return started;
  }

  /** What waits for it fails now, and it is not used again. */
  function retire(old: Thread, why: string): void {
    if (thread === old) {
      thread = undefined;
      deaths += 1;
      restUntil = performance.now() + Math.min(REST_MS_MAX, restMs * 2 ** (deaths - 1));
      void old.worker.terminate();
    }
    for (const waiting of old.waiting.values()) {
      waiting.reject(new EmbedderError('unavailable', why));
    }
    old.waiting.clear();
  }

  function underWay(): number {
    let texts = 0;
    for (const waiting of thread?.waiting.values() ?? []) texts += waiting.texts;
    return texts;
  }

  return {
    id: LOCAL_EMBEDDER_ID,
    model: LOCAL_EMBEDDER_ID,
    provider: 'local',
    dimensions: DIMENSIONS,
    wordsMax: WORDS_MAX,
    async embed(texts, signal) {
      signal?.throwIfAborted();
      if (closed || (!thread && performance.now() < restUntil)) {
        throw new EmbedderError('unavailable', 'The embedder is away');
      }
      if (underWay() + texts.length > textsMax) {
        throw new EmbedderError('busy', `The embedder has ${textsMax} texts already`);
      }
      const used = (thread ??= start());
      const { promise, resolve, reject } = Promise.withResolvers<Float32Array[]>();
      const number = (count += 1);
      used.waiting.set(number, { texts: texts.length, resolve, reject });
      used.worker.ref();
      const limitMs = used.hasAnswered ? timeoutMs : Math.max(timeoutMs, START_MS);
      const timer = setTimeout(() => {
        reject(new EmbedderError('timeout', `No embedding within ${limitMs} ms`));
        // Who merely stood in a long queue saw others answered meanwhile.
        if (performance.now() - used.aliveAt >= limitMs) retire(used, 'The embedder hung');
      }, limitMs);
      const onAbort = () =>
        reject(new EmbedderError('timeout', 'The embedding was not waited for'));
      signal?.addEventListener('abort', onAbort, { once: true });
      used.worker.postMessage({ number, texts } satisfies EmbedRequest, []);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        if (used.waiting.size === 0) used.worker.unref();
      }
    },
    async close() {
      closed = true;
      const last = thread;
      if (!last) return;
      retire(last, 'The embedder was closed');
      await last.worker.terminate();
    },
  };
}

/**
 * The instances of one race and what is done to them over and over. Each race opens its own, since
 * some leave connections behind that are dead without having closed.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../contract/when-ready.ts';
import type { Contender, Instance } from './contender.ts';
import { createLoading, type Loading } from './loading.ts';
import type { World } from './world.ts';

export interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly loading: Loading;
  readonly tries: number;
  /** Reads, and mostly writes too. */
  readonly a: Instance;
  /** Another process's. */
  readonly b: Instance;
}

export interface StageOptions {
  readonly tries: number;
  /** How far b's clock is behind. Default 0. */
  readonly clockBehindMs?: number;
}

export async function openStage(contender: Contender, options: StageOptions): Promise<Stage> {
  const { tries, clockBehindMs = 0 } = options;
  const { world } = contender;
  await using parts = new AsyncDisposableStack();
  const loading = createLoading();
  const open = async (behindMs: number): Promise<Instance> => {
    const instance = await contender.open({ loading, clockBehindMs: behindMs });
    // Some wait for a goodbye over connections that were cut.
    parts.defer(() => Promise.race([instance.close(), pause(CLOSE_MS_MAX, undefined, UNREF)]));
    return instance;
  };
  const a = await open(0);
  const b = await open(clockBehindMs);
  const stage = { world, loading, tries, a, b };
  await connected(stage);
  const owned = parts.move();
  return { ...stage, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const CLOSE_MS_MAX = 3_000;
const UNREF = { ref: false };
/** Long enough for subscriptions, which no peer can be asked about. */
const SUBSCRIBE_MS = 300;

export async function connected({ a, b }: Pick<Stage, 'a' | 'b'>): Promise<void> {
  for (const instance of [a, b]) {
    await until(async () => {
      await instance.ready();
      return true;
    });
  }
  await pause(SUBSCRIBE_MS);
}

/** Of one key in each of the instances' reads: whether any is older than the last write. */
export async function isStale(key: string, readers: readonly Instance[]): Promise<boolean> {
  const seen = await Promise.all(readers.map((reader) => reader.read(key)));
  return seen.some((project) => project?.name !== WRITTEN);
}

/** The name that every try writes; projects begin as `0`. */
export const WRITTEN = '1';

/** How many of these writes ended with an error: their callers know at least. */
export async function writeAll(keys: readonly string[], writer: Instance): Promise<number> {
  const writes = keys.map((key) => writer.write(key, WRITTEN));
  const settled = await Promise.allSettled(writes);
  return settled.filter(({ status }) => status === 'rejected').length;
}

/** Twice, so that the entries have also been hit. */
export async function warm(keys: readonly string[], ...readers: Instance[]): Promise<void> {
  for (const reader of [...readers, ...readers]) {
    await Promise.all(keys.map((key) => reader.read(key)));
  }
}

export async function countStale(keys: readonly string[], ...readers: Instance[]): Promise<number> {
  const stale = await Promise.all(keys.map((key) => isStale(key, readers)));
  return stale.filter(Boolean).length;
}

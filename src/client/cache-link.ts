/**
 * Reads what the server's cache said about each answer. tRPC's links keep the `cache` field that
 * stands beside `data` in a result, but nobody passes it on; this link stands before them and does.
 *
 * One answer is told in two ways: by the value itself (`cacheOf(scenes)`, while somebody holds it),
 * and by a callback, which also covers values that are no objects.
 */
import type { TRPCLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { tap, observable } from '@trpc/server/observable';

/** What the cache said about one answer. Times are epoch milliseconds of the server's clock. */
export interface CacheInfo {
  /** When the entry was filled. */
  readonly storedAt: number;
  /** Until when it is served without asking the database again, unless a write ends it sooner. */
  readonly validUntil: number;
  /** The facts that the answer depends on, such as `project:7:scenes`. */
  readonly deps: readonly string[];
  /**
   * Whether it was there before it was asked for. It compares the server's clock with this one, so
   * that a difference between the two blurs it by as much.
   */
  readonly hit: boolean;
}

export interface CacheReport extends CacheInfo {
  /** The procedure, such as `scene.list`. */
  readonly path: string;
  readonly input: unknown;
}

export interface CacheReports {
  link<TRouter extends AnyRouter>(): TRPCLink<TRouter>;
  cacheOf(answer: unknown): CacheInfo | undefined;
}

export function createCacheReports(onCache?: (report: CacheReport) => void): CacheReports {
  const known = new WeakMap<object, CacheInfo>();
  return {
    link:
      () =>
      () =>
      ({ op, next }) => {
        if (op.type !== 'query') return next(op);
        const askedAt = Date.now();
        return observable((observer) =>
          next(op)
            .pipe(
              tap({
                next({ result }) {
                  const info = infoOf(result, askedAt);
                  if (!info) return;
                  const data: unknown = 'data' in result ? result.data : undefined;
                  if (typeof data === 'object' && data !== null) known.set(data, info);
                  onCache?.({ ...info, path: op.path, input: op.input });
                },
              }),
            )
            .subscribe(observer),
        );
      },
    cacheOf: (answer) =>
      typeof answer === 'object' && answer !== null ? known.get(answer) : undefined,
  };
}

function infoOf(result: object, askedAt: number): CacheInfo | undefined {
  const cache: unknown = 'cache' in result ? result.cache : undefined;
  if (typeof cache !== 'object' || cache === null) return undefined;
  const { storedAt, validUntil, deps } = cache as Partial<Record<keyof CacheInfo, unknown>>;
  if (typeof storedAt !== 'number' || typeof validUntil !== 'number') return undefined;
  if (!Array.isArray(deps)) return undefined;
  return { storedAt, validUntil, deps: deps.map(String), hit: storedAt < askedAt };
}

/**
 * What was found in memory, found again by where it was: no arguments are made into keys, and nothing
 * is kept alive meanwhile. A place is of one entry; when its key has another, it is no place any more.
 */
import type { Cache, CacheRead, Place } from './cache.ts';
import type { Entry } from './coherence/index.ts';
import type { Payload } from './payload.ts';
import type { Registered } from './registry.ts';

/** Told apart by itself. */
export class EntryPlace implements Place {
  readonly cache: Registered;
  readonly key: string;

  constructor(cache: Registered, key: string) {
    this.cache = cache;
    this.key = key;
  }
}

interface RecallParts {
  readonly enabled: () => boolean;
  /** As the protocol has it. */
  readonly hit: (key: string) => Entry | undefined;
}

export function createRecall({
  enabled,
  hit,
}: RecallParts): Pick<Cache<never>, 'recall' | 'countHits'> {
  return {
    recall(places) {
      if (!enabled()) return undefined;
      const reads: CacheRead<unknown>[] = [];
      for (const place of places) {
        const { cache, key } = place as EntryPlace;
        const read = cache.enabled && (hit(key)?.value as Payload | undefined)?.hit;
        if (!read || read.place !== place) return undefined;
        reads.push(read);
      }
      return reads;
    },
    countHits(reads) {
      for (const { place } of reads) (place as EntryPlace).cache.stats.count('l1Hits');
    },
  };
}

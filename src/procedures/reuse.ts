import type { CacheRead } from '../cache/index.ts';

/** How the costly step of an action was got: by doing it, or from an equal one before. */
export type Reuse = 'none' | 'exact';

/** Who joined another's load did not cost one either. */
export function reuseOf({ outcome, tier }: Pick<CacheRead<unknown>, 'outcome' | 'tier'>): Reuse {
  const isOwn = outcome === 'bypass' || (outcome === 'miss' && tier !== 'flight');
  return isOwn ? 'none' : 'exact';
}

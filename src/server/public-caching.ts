/**
 * Answers that a CDN may keep for everybody (`cdn` of a cached query with public scope). What it
 * keeps is outside of the promise: a write reaches it when somebody purges the answer's surrogate
 * keys, which are its tags, and whoever asks it is checked by nobody. Browsers still ask each time.
 */
import { SECOND } from '../config/duration.ts';
import type { CacheMark } from '../procedures/index.ts';

/** Of the header: a CDN that cut it would miss purges, so a longer one makes the answer private. */
const KEYS_LENGTH_MAX = 8_000;

/** Values for `Cache-Control` and `Surrogate-Key`; undefined: for its caller alone. */
export interface PublicCaching {
  readonly cacheControl: string;
  readonly surrogateKey: string;
}

export function publicCachingOf(mark: CacheMark): PublicCaching | undefined {
  if (mark.publicForMs === undefined) return undefined;
  const surrogateKey = mark.deps.map(keyOf).join(' ');
  if (surrogateKey.length > KEYS_LENGTH_MAX) return undefined;
  const seconds = Math.floor(mark.publicForMs / SECOND);
  return { cacheControl: `public, max-age=0, s-maxage=${seconds}`, surrogateKey };
}

/** Keys stand between spaces, in a header: everything else is written as in a URL. */
function keyOf(tag: string): string {
  return tag.toWellFormed().replaceAll(/[^\w:.*/-]/gu, encodeURIComponent);
}

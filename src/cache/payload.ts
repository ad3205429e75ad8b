/** What the cache keeps in an entry, and what is read from it. */
import type { Beside } from './beside.ts';
import type { CacheRead } from './cache.ts';
import type { Entry } from './coherence/index.ts';
import { unseal, type Sealed } from './seal.ts';

/** The value made safe, and whose it is. */
export interface Payload {
  readonly sealed: Sealed<unknown>;
  /** Of the value, made by the first hit; not of one that is copied for each. */
  promise?: Promise<unknown>;
  readonly owner: string | undefined;
  readonly name: string;
  /** Made when the entry is first read. */
  beside?: Beside;
  /** What a hit in memory answers, made by the first; not of a value that is copied for each. */
  hit?: CacheRead<unknown>;
}

/** What an entry's objects take beside its value and its cell; `bench -- growth` prints both sums. */
const ENTRY_BYTES = 450;
/** A string's head and the pointer to it. */
const TAG_BYTES = 24;

export function bytesOf({ bytes = 0, tags }: Entry): number {
  let sum = ENTRY_BYTES + bytes;
  for (const tag of tags) sum += TAG_BYTES + tag.length;
  return sum;
}

export function promiseOf(entry: Entry): Promise<unknown> {
  const payload = entry.value as Payload;
  const { sealed } = payload;
  if (sealed.hasBinary) return Promise.resolve(unseal(sealed));
  return (payload.promise ??= Promise.resolve(sealed.value));
}

/** As unsealed: what it is was known when it was sealed, and its caller says. */
export function valueOf(entry: Entry): unknown {
  return unseal((entry.value as Payload).sealed);
}

/** What the cache keeps in an entry, and what is read from it. */
import type { Beside } from './beside.ts';
import type { CacheRead, Place } from './cache.ts';
import { decodeText, type StoredText } from './codec/value.ts';
import type { Answer, Entry } from './coherence/index.ts';
import { seal, unseal, type Sealed } from './seal.ts';

/** The value made safe, and whose it is. */
export interface Payload {
  readonly sealed: Sealed<unknown>;
  /** Each reader gets a copy. Told apart from `sealed`, which may have to be made first. */
  readonly hasBinary: boolean;
  /** Where that is all that was needed of it until now: `CacheRead.stored`. */
  readonly stored: StoredText | undefined;
  /** Of the value, made by the first hit; not of one that is copied for each. */
  promise?: Promise<unknown>;
  readonly owner: string | undefined;
  readonly name: string;
  /** Made when the entry is first read. */
  beside?: Beside;
  /** What a hit in memory answers, made by the first; not of a value that is copied for each. */
  hit?: CacheRead<unknown>;
}

type Owner = Pick<Payload, 'name' | 'owner'>;

export function payloadOf(sealed: Sealed<unknown>, { name, owner }: Owner): Payload {
  return { sealed, hasBinary: sealed.hasBinary, stored: undefined, name, owner };
}

/** The value is decoded when it is first asked for: who sends the text on never does. */
class TextPayload implements Payload {
  readonly name: string;
  readonly owner: string | undefined;
  readonly hasBinary = false;
  #stored: StoredText | undefined;
  #sealed: Sealed<unknown> | undefined;

  constructor(stored: StoredText, { name, owner }: Owner) {
    this.#stored = stored;
    this.name = name;
    this.owner = owner;
  }

  get stored(): StoredText | undefined {
    return this.#stored;
  }

  get sealed(): Sealed<unknown> {
    if (!this.#sealed) {
      this.#sealed = seal(decodeText(this.#stored!.text), this.name);
      this.#stored = undefined;
    }
    return this.#sealed;
  }
}

/** Of text in memory: itself, or what it takes once decoded, which takes its place; roughly. */
const BYTES_PER_CHARACTER = 3;

export function payloadOfText(stored: StoredText, owner: Owner) {
  const { length } = stored.text;
  return { value: new TextPayload(stored, owner), bytes: length * BYTES_PER_CHARACTER };
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
  if (payload.hasBinary) return Promise.resolve(unseal(payload.sealed));
  return (payload.promise ??= Promise.resolve(payload.sealed.value));
}

interface How extends Pick<Answer, 'outcome' | 'tier'> {
  readonly place?: Place | undefined;
}

/** One answer. Its value is made when it is asked for, and then stays the same. */
export class EntryRead<Value> implements CacheRead<Value> {
  readonly outcome: Answer['outcome'];
  readonly tier: Answer['tier'];
  readonly storedAt: number;
  readonly validUntil: number;
  readonly deps: readonly string[];
  readonly absent: boolean;
  readonly beside: Beside | undefined;
  readonly place: Place | undefined;
  readonly #payload: Payload;
  #copy: unknown;

  constructor(entry: Entry, { outcome, tier, place }: How) {
    const payload = entry.value as Payload;
    this.outcome = outcome;
    this.tier = tier;
    this.storedAt = entry.storedAt;
    this.validUntil = entry.validUntil;
    this.deps = entry.tags;
    this.absent = entry.negative;
    this.beside = payload.hasBinary ? undefined : payload.beside;
    this.place = place;
    this.#payload = payload;
  }

  /** Of a type that was known when it was sealed, and that whoever asks for it says. */
  get value(): Value | undefined {
    const { hasBinary, sealed } = this.#payload;
    return (hasBinary ? (this.#copy ??= unseal(sealed)) : sealed.value) as Value | undefined;
  }

  get stored(): StoredText | undefined {
    return this.#payload.stored;
  }
}

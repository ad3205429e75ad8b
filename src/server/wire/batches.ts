/**
 * Batches of cached answers, joined. Whoever asks for the same batch while its parts are still the
 * ones that were joined gets the same bytes, compressed once too. Which parts a caller may have was
 * decided before, by the procedures: what is remembered by URL is only how they were put together.
 */
import { MemoryStore } from '../../cache/index.ts';
import { Encoded, sizeOf } from './encoded.ts';

/** Joined bytes and the parts that they keep alive. */
const BATCHES_BYTES_MAX = 16 * 2 ** 20;
/** Longer ones are rarely asked for again. */
const URL_LENGTH_MAX = 2_048;

interface Joined {
  readonly parts: readonly Encoded[];
  readonly encoded: Encoded;
}

/** @param url  undefined: not worth remembering */
export type JoinBatch = (url: string | undefined, parts: readonly Encoded[]) => Encoded;

export function createBatches(): JoinBatch {
  const known = new MemoryStore<Joined>({
    bytesMax: BATCHES_BYTES_MAX,
    bytesOf: ({ encoded }) => 2 * sizeOf(encoded) + URL_LENGTH_MAX,
  });
  return (url, parts) => {
    if (url === undefined || url.length > URL_LENGTH_MAX) return new Encoded(join(parts));
    const before = known.get(url);
    if (before && isSame(before.parts, parts)) return before.encoded;
    const encoded = new Encoded(join(parts), '', (_, bytes) => known.grow(url, joined, bytes));
    const joined: Joined = { parts, encoded };
    known.set(url, joined);
    return encoded;
  };
}

function isSame(before: readonly Encoded[], parts: readonly Encoded[]): boolean {
  return before.length === parts.length && before.every((part, index) => part === parts[index]);
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

function join(parts: readonly Encoded[]): Buffer {
  const pieces = parts.flatMap(({ plain }, index) => [index === 0 ? OPEN : COMMA, plain]);
  return Buffer.concat([...pieces, CLOSE]);
}

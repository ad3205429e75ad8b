/**
 * Keys of arguments that come again and again to one cache: making one costs a canonical text and
 * its hash, some 3 µs; finding it here, one look-up in a map for each property.
 *
 * A tree, of which a path is the properties of the arguments as they come. Maps tell values apart as
 * canonical texts do (but 0 from -0, which is looked up nowhere), so one path is one key. Only plain
 * objects of primitives and of each other are kept, as almost all arguments are; bounded in places,
 * and emptied when full: what is in use comes back with its next read.
 */
interface Place {
  key: string | undefined;
  branch: Branch | undefined;
  /** Behind the end of a nested object that more properties follow. */
  outside: Place | undefined;
}

interface Branch {
  readonly property: string;
  readonly places: Map<unknown, Place>;
  /** The value is an object: where its own properties begin. */
  inside: Place | undefined;
  /** Of arguments whose next property is another one. */
  other: Branch | undefined;
}

/** Ten thousand users with an entry each, and twice as many again: some 10 MB of one cache. */
const PLACES_MAX = 50_000;
/** An input with a cursor in it; what is nested deeper is rare. */
const DEPTH_MAX = 2;
/** Longer ones are prompts and texts, not ids: they are kept alive here, and rarely come again. */
const TEXT_CHARS_MAX = 100;

export class KeyMemo<Args> {
  readonly #makeKey: (args: Args) => string;
  #root = newPlace();
  #places = 0;

  /** @param makeKey  pure; may throw */
  constructor(makeKey: (args: Args) => string) {
    this.#makeKey = makeKey;
  }

  /** As `makeKey`. */
  keyOf(args: Args): string {
    const place = this.#placeOf(args);
    if (place === undefined) return this.#makeKey(args);
    return (place.key ??= this.#makeKey(args));
  }

  #placeOf(args: Args): Place | undefined {
    if (!isPlain(args)) return undefined;
    if (this.#places >= PLACES_MAX) {
      this.#root = newPlace();
      this.#places = 0;
    }
    return this.#walk(this.#root, args, 0);
  }

  #walk(from: Place, args: object, depth: number): Place | undefined {
    let place = from;
    let afterObject = false;
    // Not Object.keys, which makes a list. What a prototype lends, canonical texts do not have.
    for (const property in args) {
      if (!hasOwn.call(args, property)) return undefined;
      if (afterObject) place = place.outside ??= this.#newPlace();
      const value = (args as Record<string, unknown>)[property];
      const branch = branchOf(place, property);
      afterObject = typeof value === 'object' && value !== null;
      if (!afterObject) {
        if (!isKept(value)) return undefined;
        place = this.#step(branch, value);
        continue;
      }
      if (depth === DEPTH_MAX || !isPlain(value)) return undefined;
      const end = this.#walk((branch.inside ??= this.#newPlace()), value, depth + 1);
      if (end === undefined) return undefined;
      place = end;
    }
    // Else the end of an object in this one would be the end of both.
    return afterObject && depth > 0 ? (place.outside ??= this.#newPlace()) : place;
  }

  #step(branch: Branch, value: unknown): Place {
    const known = branch.places.get(value);
    if (known !== undefined) return known;
    const place = this.#newPlace();
    branch.places.set(value, place);
    return place;
  }

  #newPlace(): Place {
    this.#places += 1;
    return newPlace();
  }
}

/** V8 knows the answer inside for-in; of `Object.hasOwn` it does not. */
const hasOwn = Object.prototype.hasOwnProperty;

function branchOf(place: Place, property: string): Branch {
  let branch = place.branch;
  while (branch !== undefined && branch.property !== property) branch = branch.other;
  if (branch !== undefined) return branch;
  const made = { property, places: new Map(), inside: undefined, other: place.branch };
  place.branch = made;
  return made;
}

function newPlace(): Place {
  return { key: undefined, branch: undefined, outside: undefined };
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function isKept(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.length <= TEXT_CHARS_MAX;
    case 'number':
      return value !== 0 || !Object.is(value, -0);
    case 'boolean':
    case 'undefined':
      return true;
    default:
      return value === null;
  }
}

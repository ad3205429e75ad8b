/**
 * The space in which texts are compared: learned from what was answered, shared by the shelves of
 * one source, and learned anew as more is known. Holds a bounded sample of vectors with their
 * classes; which shelf a class is of matters no more than what its answer is.
 *
 * Learning anew is Work. Until it is done all is as before, for what comes meanwhile as well; its last
 * step puts every point where it then is.
 */
import { componentsOf, reduce, TEXTS_MAX, type Components, type Raw } from './components.ts';
import { fitDiscriminant, type Discriminant } from './discriminant.ts';
import type { WordVector } from './terms.ts';
import type { Work } from './work.ts';

export interface Space {
  /** Counts up with each refit: all points are elsewhere then. */
  readonly epoch: number;
  /** Undefined before the first refit: nothing can be compared yet. */
  readonly discriminant: Discriminant | undefined;
  /**
   * A vector joins its class. Throws RangeError on one of other dimensions.
   *
   * @param group  outlives its class in the sample: nothing hangs on it
   * @param words  of the text. Default: none
   */
  observe(vector: Float32Array, group: symbol, words?: WordVector): Point;
  /** It moves no more, and is gone when the sample is past it. What was learned from it stays. */
  forget(point: Point): void;
  /** Coordinates of a vector; undefined before the first refit. */
  place(vector: Float32Array, words?: WordVector): Float64Array | undefined;
  /** Whether enough was observed since the last refit to be worth another. */
  readonly due: boolean;
  /** One at a time. One that fails, or is given up, has changed nothing. */
  refit(): Work<void>;
}

export interface Point {
  /** Its coordinates in the space as it is now; undefined before the first refit. */
  readonly at: Float64Array | undefined;
}

interface Placed {
  readonly at: Float64Array | undefined;
  /** What of a text lies in each component. */
  readonly reduced: Float64Array | undefined;
}

interface OwnPoint extends Point {
  at: Float64Array | undefined;
  reduced?: Float64Array | undefined;
  /** Let go once it is reduced to the components that stay: it is most of what an entry takes. */
  raw?: Raw;
}

const NO_WORDS: WordVector = { places: [], values: [] };
/** Below this many vectors their directions are chance. */
const FIRST_REFIT = 40;
/** A refit costs a pass over all vectors: at so many times as many, the sum stays linear. */
const GROWTH = 1.5;
/** Components are found anew when there are so many times as many texts to find them from. */
const COMPONENTS_GROWTH = 2;
/** Those found from so many are kept: they settle early. */
const SETTLED = 450;
/** The latest vectors that a refit looks at. */
const SAMPLE_MAX = 4096;

export function createSpace(dimensions: number): Space {
  const points = new Set<OwnPoint>();
  let sample: { point: OwnPoint; group: symbol }[] = [];
  let components: Components | undefined;
  /** Texts that they were found from. */
  let foundFrom = 0;
  let discriminant: Discriminant | undefined;
  let observed = 0;
  let dueAt = FIRST_REFIT;
  let epoch = 0;

  /** Who asks about a text often stores it next. */
  let last: (Placed & { readonly vector: Float32Array; readonly epoch: number }) | undefined;

  const isSettled = () => foundFrom >= SETTLED;

  function placed(raw: Raw): Placed {
    const { vector } = raw;
    if (last?.vector === vector && last.epoch === epoch) return last;
    if (!components || !discriminant) return { reduced: undefined, at: undefined };
    const reduced = reduce(components, raw);
    last = { vector, epoch, reduced, at: discriminant.project(reduced) };
    return last;
  }

  return {
    get epoch() {
      return epoch;
    },
    get discriminant() {
      return discriminant;
    },
    get due() {
      return observed >= dueAt;
    },
    observe(vector, group, words = NO_WORDS) {
      if (vector.length !== dimensions) {
        throw new RangeError(`a vector of ${vector.length} dimensions among ${dimensions}`);
      }
      const raw = { vector, words };
      const { reduced, at } = placed(raw);
      const point: OwnPoint = isSettled() ? { at, reduced } : { at, reduced, raw };
      points.add(point);
      sample.push({ point, group });
      if (sample.length >= 1.25 * SAMPLE_MAX) sample = sample.slice(-SAMPLE_MAX);
      observed += 1;
      return point;
    },
    forget(point) {
      points.delete(point);
    },
    place: (vector, words = NO_WORDS) => placed({ vector, words }).at,
    *refit() {
      // Before anything can fail: a refit that did is not tried again with each answer.
      dueAt = observed * GROWTH;
      const taken = sample.slice(-SAMPLE_MAX);
      const moved = new Map<OwnPoint, { reduced: Float64Array; at?: Float64Array }>();
      let found = components;
      let from = foundFrom;
      if (!found || (!isSettled() && taken.length >= COMPONENTS_GROWTH * foundFrom)) {
        const texts = taken.slice(-TEXTS_MAX).map(({ point }) => point.raw as Raw);
        from = texts.length;
        found = yield* componentsOf(texts);
      }
      const cost = found.meaning.length * dimensions;
      const isNew = found !== components;
      const reducedOf = (point: OwnPoint) => {
        if (!isNew) return (point.reduced ??= reduce(found, point.raw as Raw));
        let known = moved.get(point);
        if (!known) moved.set(point, (known = { reduced: reduce(found, point.raw as Raw) }));
        return known.reduced;
      };
      const classes = new Map<symbol, Float64Array[]>();
      for (const { point, group } of taken) {
        const vectors = classes.get(group) ?? [];
        classes.set(group, vectors);
        vectors.push(reducedOf(point));
        yield cost;
      }
      const fitted = yield* fitDiscriminant([...classes.values()]);
      // A set's iteration comes to what is added meanwhile as well.
      for (const point of points) {
        const reduced = reducedOf(point);
        moved.set(point, { reduced, at: fitted.project(reduced) });
        yield cost;
      }
      // What was forgotten meanwhile stays in the sample.
      if (isNew) for (const { point } of sample) point.reduced = undefined;
      components = found;
      foundFrom = from;
      discriminant = fitted;
      for (const [point, { reduced, at }] of moved) {
        point.reduced = reduced;
        point.at = at;
        if (isSettled()) delete point.raw;
      }
      epoch += 1;
    },
  };
}

/**
 * The nearest of a set of vectors by cosine, by looking at all of them: some milliseconds at 10,000
 * of 512 dimensions, where an index would save little and find less. Vectors are of length 1, packed
 * side by side, because a pass over one array is several times faster than over ten thousand.
 */
import type { Neighbour } from './shelf.ts';

/** Shelves are many, and most are small. */
const FIRST_CAPACITY = 2;
const GROWTH = 1.25;

export class NearestIndex {
  readonly #dimensions: number;
  readonly #ids: string[] = [];
  readonly #places = new Map<string, number>();
  #vectors: Float32Array;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#vectors = new Float32Array(FIRST_CAPACITY * dimensions);
  }

  get size(): number {
    return this.#ids.length;
  }

  add(id: string, vector: Float32Array): void {
    const place = this.#ids.length;
    const at = place * this.#dimensions;
    if (at + this.#dimensions > this.#vectors.length) {
      const larger = new Float32Array(
        Math.ceil((GROWTH * place) / FIRST_CAPACITY) * FIRST_CAPACITY * this.#dimensions,
      );
      larger.set(this.#vectors);
      this.#vectors = larger;
    }
    this.#vectors.set(vector, at);
    this.#ids.push(id);
    this.#places.set(id, place);
  }

  /** The last takes its place. */
  remove(id: string): void {
    const place = this.#places.get(id);
    const last = this.#ids.at(-1);
    if (place === undefined || last === undefined) return;
    const from = (this.#ids.length - 1) * this.#dimensions;
    this.#vectors.copyWithin(place * this.#dimensions, from, from + this.#dimensions);
    this.#ids[place] = last;
    this.#places.set(last, place);
    this.#ids.pop();
    this.#places.delete(id);
  }

  /** Nearest first. */
  nearest(vector: Float32Array, count: number): Neighbour[] {
    const near: Neighbour[] = [];
    let least = -Infinity;
    for (let place = 0; place < this.#ids.length; place += 1) {
      const cosine = this.#dotAt(place * this.#dimensions, vector);
      if (cosine <= least) continue;
      const behind = near.findLastIndex((other) => other.cosine >= cosine);
      near.splice(behind + 1, 0, { id: this.#ids[place] as string, cosine });
      if (near.length > count) near.pop();
      if (near.length === count) least = (near[count - 1] as Neighbour).cosine;
    }
    return near;
  }

  /** As `dot`, without a view for each of ten thousand. */
  #dotAt(at: number, vector: Float32Array): number {
    const vectors = this.#vectors;
    const size = vector.length;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let index = 0;
    for (; index < size - 3; index += 4) {
      const from = at + index;
      a += (vectors[from] as number) * (vector[index] as number);
      b += (vectors[from + 1] as number) * (vector[index + 1] as number);
      c += (vectors[from + 2] as number) * (vector[index + 2] as number);
      d += (vectors[from + 3] as number) * (vector[index + 3] as number);
    }
    for (; index < size; index++) a += (vectors[at + index] as number) * (vector[index] as number);
    return a + b + c + d;
  }
}

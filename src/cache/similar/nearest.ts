/**
 * The nearest of a set of vectors by cosine, by looking at all of them: some milliseconds at 10,000
 * of 512 dimensions, where an index would save little and find less. Vectors are of length 1, and kept
 * as they were given: packed side by side they are compared no faster, and each growth is a copy.
 */
import type { Neighbour } from './shelf.ts';

export class NearestIndex {
  readonly #ids: string[] = [];
  readonly #vectors: Float32Array[] = [];
  readonly #places = new Map<string, number>();
  #cosines = new Float64Array();

  get size(): number {
    return this.#ids.length;
  }

  /** @param vector  is kept: nobody may change it */
  add(id: string, vector: Float32Array): void {
    this.#places.set(id, this.#ids.length);
    this.#ids.push(id);
    this.#vectors.push(vector);
  }

  /** The last takes its place. */
  remove(id: string): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    const last = this.#ids.pop() as string;
    const vector = this.#vectors.pop() as Float32Array;
    if (last === id) return;
    this.#ids[place] = last;
    this.#vectors[place] = vector;
    this.#places.set(last, place);
  }

  /** Nearest first. */
  nearest(vector: Float32Array, count: number): Neighbour[] {
    const cosines = this.#cosinesWith(new Float64Array(vector));
    const near: Neighbour[] = [];
    let least = -Infinity;
    for (let place = 0; place < this.#ids.length; place += 1) {
      const cosine = cosines[place] as number;
      if (cosine <= least) continue;
      const behind = near.findLastIndex((other) => other.cosine >= cosine);
      near.splice(behind + 1, 0, { id: this.#ids[place] as string, cosine });
      if (near.length > count) near.pop();
      if (near.length === count) least = (near[count - 1] as Neighbour).cosine;
    }
    return near;
  }

  #cosinesWith(vector: Float64Array): Float64Array {
    const vectors = this.#vectors;
    if (this.#cosines.length < vectors.length) {
      this.#cosines = new Float64Array(2 * vectors.length);
    }
    let place = 0;
    for (; place < vectors.length - 3; place += 4) {
      dotFour(vectors, vector, { place, cosines: this.#cosines });
    }
    for (; place < vectors.length; place += 1) {
      const other = vectors[place] as Float32Array;
      let sum = 0;
      for (let at = 0; at < vector.length; at++) {
        sum += (vector[at] as number) * (other[at] as number);
      }
      this.#cosines[place] = sum;
    }
    return this.#cosines;
  }
}

/** Side by side, so that the vector is read once for all of them. */
function dotFour(
  vectors: readonly Float32Array[],
  vector: Float64Array,
  { place, cosines }: { place: number; cosines: Float64Array },
): void {
  const first = vectors[place] as Float32Array;
  const second = vectors[place + 1] as Float32Array;
  const third = vectors[place + 2] as Float32Array;
  const fourth = vectors[place + 3] as Float32Array;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let at = 0; at < vector.length; at++) {
    const value = vector[at] as number;
    a += value * (first[at] as number);
    b += value * (second[at] as number);
    c += value * (third[at] as number);
    d += value * (fourth[at] as number);
  }
  cosines[place] = a;
  cosines[place + 1] = b;
  cosines[place + 2] = c;
  cosines[place + 3] = d;
}

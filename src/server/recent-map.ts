/**
 * A bounded map that forgets what was not asked for lately: two generations, of which the older is
 * dropped whole when the newer is full. A hit changes nothing, unlike an LRU's on a Map.
 */
export class RecentMap<Key, Value> {
  #newer = new Map<Key, Value>();
  #older = new Map<Key, Value>();
  readonly #max: number;

  /** @param max  entries of one generation: up to twice as many are kept */
  constructor(max: number) {
    this.#max = max;
  }

  get(key: Key): Value | undefined {
    const known = this.#newer.get(key);
    if (known !== undefined) return known;
    const before = this.#older.get(key);
    if (before !== undefined) this.set(key, before);
    return before;
  }

  set(key: Key, value: Value): void {
    if (this.#newer.size >= this.#max) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, value);
  }
}

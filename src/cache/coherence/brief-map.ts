/**
 * A map of what is gone soon. V8's own Map, when it makes room, lets its old table point to the new
 * one; a table that was promoted to the old generation, and is garbage there, so keeps all that later
 * tables held alive until the next full collection, and each young collection copies it. A hit in the
 * shared store cost half as much again for that. An object's dictionary has no such pointer.
 */
export class BriefMap<V> {
  #entries = emptyDictionary<V>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#entries[key];
  }

  has(key: string): boolean {
    return this.#entries[key] !== undefined;
  }

  set(key: string, value: V): void {
    if (!this.has(key)) this.#size += 1;
    this.#entries[key] = value;
  }

  delete(key: string): void {
    if (!this.has(key)) return;
    this.#size -= 1;
    delete this.#entries[key];
  }

  clear(): void {
    this.#entries = emptyDictionary();
    this.#size = 0;
  }
}

/** Without a prototype, whose properties would be found in it. */
function emptyDictionary<V>(): Record<string, V> {
  return Object.create(null) as Record<string, V>;
}

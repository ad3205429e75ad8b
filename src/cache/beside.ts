/**
 * What is kept beside an entry: another form of its value that is costly to make, such as its bytes
 * on the wire. It lives as long as the entry is in the in-process store, counts in its bound, and is
 * made by whoever reads the entry: the cache neither makes nor understands it.
 */
export class Beside {
  #form: unknown;
  #bytes = 0;
  readonly #grow: (bytes: number) => boolean;

  /** @param grow  counts so many bytes more for the entry; false if there is no room, or no entry */
  constructor(grow: (bytes: number) => boolean) {
    this.#grow = grow;
  }

  /** Undefined: nothing is kept. */
  get form(): unknown {
    return this.#form;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param bytes  how much more memory is taken than by what was kept until now
   * @returns false if it is not kept; it may still be used by whoever made it
   */
  keep(form: unknown, bytes: number): boolean {
    if (!this.#grow(bytes)) return false;
    this.#form = form;
    this.#bytes += bytes;
    return true;
  }
}

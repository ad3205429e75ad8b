/**
 * The in-process store (L1): bounded in bytes, in all and per owner, so that one user's reads
 * cannot push out everybody else's. Holds what it is given and judges nothing: whether an entry
 * may be used is the coherence machine's question.
 *
 * Evicts by SIEVE (Zhang et al., NSDI 2024): a hit only sets a bit, a hand walks from old to new
 * and takes the first entry that was not read since it last passed. Simpler than LRU, cheaper on
 * a hit, and it resists scans. All methods are synchronous; sizes are bytes.
 */
export interface MemoryStoreOptions<E> {
  /** All entries together. Default 256 MiB. */
  readonly bytesMax?: number;
  /** Entries of one owner together. Default 10 MiB. */
  readonly ownerBytesMax?: number;
  readonly bytesOf: (entry: E) => number;
  /** Whose quota an entry counts against; undefined for entries that are nobody's own. */
  readonly ownerOf?: (entry: E) => string | undefined;
  readonly onAdd?: (entry: E, bytes: number) => void;
  /** However the entry went: deleted, replaced or evicted. */
  readonly onRemove?: (entry: E, bytes: number) => void;
  readonly onEvict?: (entry: E) => void;
  /** An entry that stays became larger by so much. */
  readonly onGrow?: (entry: E, bytes: number) => void;
}

interface Cell<E> {
  readonly key: string;
  /** Undefined once it is gone. */
  entry: E | undefined;
  bytes: number;
  readonly owner: string | undefined;
  visited: boolean;
  newer: Cell<E> | undefined;
  older: Cell<E> | undefined;
}

/** What a cell, its key and its place in the map take beside the value. */
const CELL_BYTES = 300;

export class MemoryStore<E> {
  readonly #cells = new Map<string, Cell<E>>();
  readonly #owners = new Map<string, { bytes: number; keys: Set<string> }>();
  readonly #options: MemoryStoreOptions<E>;
  readonly #bytesMax: number;
  readonly #ownerBytesMax: number;
  #newest: Cell<E> | undefined;
  #oldest: Cell<E> | undefined;
  #hand: Cell<E> | undefined;
  #bytes = 0;

  constructor(options: MemoryStoreOptions<E>) {
    this.#options = options;
    this.#bytesMax = options.bytesMax ?? 256 * 2 ** 20;
    this.#ownerBytesMax = options.ownerBytesMax ?? 10 * 2 ** 20;
  }

  get entries(): number {
    return this.#cells.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): E | undefined {
    const cell = this.#cells.get(key);
    if (!cell) return undefined;
    cell.visited = true;
    return cell.entry;
  }

  set(key: string, entry: E): void {
    this.delete(key);
    const bytes = this.#options.bytesOf(entry) + CELL_BYTES;
    const owner = this.#options.ownerOf?.(entry);
    if (bytes > this.#bytesMax || (owner !== undefined && bytes > this.#ownerBytesMax)) return;
    // The owner's own entries go first: what they make room for may be enough for all.
    if (owner !== undefined) this.#makeRoomFor(owner, bytes);
    while (this.#bytes + bytes > this.#bytesMax) this.#evict(this.#victim());

    const cell: Cell<E> = {
      key,
      entry,
      bytes,
      owner,
      visited: false,
      newer: undefined,
      older: this.#newest,
    };
    if (this.#newest) this.#newest.newer = cell;
    this.#newest = cell;
    this.#oldest ??= cell;
    this.#cells.set(key, cell);
    this.#bytes += bytes;
    this.#options.onAdd?.(entry, bytes);
    if (owner !== undefined) {
      const account = this.#owners.get(owner) ?? { bytes: 0, keys: new Set() };
      account.bytes += bytes;
      account.keys.add(key);
      this.#owners.set(owner, account);
    }
  }

  /**
   * Counts `bytes` more for an entry that is here, as something is kept beside it; others make room.
   * False: it is not (or no longer) here, or would be too large; then nothing is to be kept.
   */
  grow(key: string, entry: E, bytes: number): boolean {
    const cell = this.#cells.get(key);
    if (cell?.entry !== entry || cell.bytes + bytes > this.#bytesMax) return false;
    const account = cell.owner === undefined ? undefined : this.#owners.get(cell.owner);
    if (account && cell.bytes + bytes > this.#ownerBytesMax) return false;
    cell.visited = true;
    cell.bytes += bytes;
    this.#bytes += bytes;
    if (account) account.bytes += bytes;
    this.#options.onGrow?.(entry, bytes);
    // Either may take the entry itself, and what is beside it with it.
    if (cell.owner !== undefined) this.#makeRoomFor(cell.owner, 0);
    while (this.#bytes > this.#bytesMax) this.#evict(this.#victim());
    return this.#cells.get(key) === cell;
  }

  delete(key: string): void {
    const cell = this.#cells.get(key);
    if (cell) this.#remove(cell);
  }

  clear(): void {
    for (const { entry, bytes } of this.#cells.values()) this.#options.onRemove?.(entry!, bytes);
    this.#cells.clear();
    this.#owners.clear();
    this.#newest = this.#oldest = this.#hand = undefined;
    this.#bytes = 0;
  }

  /** An owner's entries leave in the order they came: within one quota that is fair enough. */
  #makeRoomFor(owner: string, bytes: number): void {
    const account = this.#owners.get(owner);
    if (!account) return;
    for (const key of account.keys) {
      if (account.bytes + bytes <= this.#ownerBytesMax) return;
      this.#evict(this.#cells.get(key));
    }
  }

  #victim(): Cell<E> | undefined {
    let cell = this.#hand ?? this.#oldest;
    while (cell?.visited) {
      cell.visited = false;
      cell = cell.newer ?? this.#oldest;
    }
    this.#hand = cell?.newer;
    return cell;
  }

  #evict(cell: Cell<E> | undefined): void {
    if (!cell) return;
    const entry = cell.entry!;
    this.#remove(cell);
    this.#options.onEvict?.(entry);
  }

  #remove(cell: Cell<E>): void {
    this.#cells.delete(cell.key);
    this.#bytes -= cell.bytes;
    this.#options.onRemove?.(cell.entry!, cell.bytes);
    if (this.#hand === cell) this.#hand = cell.newer;
    if (cell.newer) cell.newer.older = cell.older;
    else this.#newest = cell.older;
    if (cell.older) cell.older.newer = cell.newer;
    else this.#oldest = cell.newer;
    // A cell that is garbage in V8's old generation would keep what it points to alive for longer.
    cell.newer = cell.older = cell.entry = undefined;
    if (cell.owner === undefined) return;
    const account = this.#owners.get(cell.owner);
    if (!account) return;
    account.bytes -= cell.bytes;
    account.keys.delete(cell.key);
    if (account.keys.size === 0) this.#owners.delete(cell.owner);
  }
}

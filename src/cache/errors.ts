/** Errors of the cache. The codes are closed: what is not one of these comes from the loader. */
export type CacheErrorCode =
  /** A definition cannot work as written (a name used twice, a ttl that is no duration). */
  | 'definition'
  /** Arguments that no key can be made of (functions, symbols, cycles). */
  | 'key'
  /** A load read a table that its tags do not cover. */
  | 'uncovered'
  /** A load took longer than its limit. */
  | 'timeout'
  /** Too many loads are waiting; try again later. */
  | 'overloaded'
  /** The cache is closed. */
  | 'closed';

export class CacheError extends Error {
  override readonly name = 'CacheError';
  readonly code: CacheErrorCode;

  constructor(code: CacheErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

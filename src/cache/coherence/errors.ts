/**
 * Errors of the coherence machine: a closed set of codes. An error of a loader is never wrapped;
 * it reaches the reader as it was thrown.
 *
 * OVERLOADED    the queue of loads is full, or this load waited too long in it: try again later
 * LOAD_TIMEOUT  the loader did not answer within `loadTimeoutMs`
 * PORT_TIMEOUT  a directory, store or journal call did not answer within its bound
 * STOPPED       the operation needs a member that takes part, and this one has left
 */

export type CoherenceErrorCode = 'OVERLOADED' | 'LOAD_TIMEOUT' | 'PORT_TIMEOUT' | 'STOPPED';

export class CoherenceError extends Error {
  override readonly name = 'CoherenceError';
  readonly code: CoherenceErrorCode;

  constructor(code: CoherenceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why a model gave no answer. None of these is ever kept. */
export type ModelErrorCode =
  /** No answer in time. */
  | 'timeout'
  /** The caller no longer waits. */
  | 'aborted'
  /** The endpoint is away or broken, or rests after failures. */
  | 'unavailable'
  | 'rate_limited'
  /** As many calls as may be are under way. */
  | 'busy'
  /** The endpoint does not take such a request: a wrong key, address or model. */
  | 'rejected'
  /** The answer is not what was asked for. */
  | 'malformed'
  /** The model would not answer. */
  | 'refused';

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

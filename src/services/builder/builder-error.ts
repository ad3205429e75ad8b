// Failures of the builder itself, as opposed to errors in a scene's source (build-result.ts).
//
//   aborted             the caller's signal fired; `cause` is its reason
//   closed              the builder was closed before the build finished
//   invalid_props       the props are not JSON, or larger than the limit
//   queue_full          too many builds are waiting; try again later
//   timeout             the transform ran beyond its limit and its process was killed
//   worker_crashed      the process ended during the build (out of memory, killed from outside)
//   worker_unavailable  no process could be started

export type BuilderErrorCode =
  | 'aborted'
  | 'closed'
  | 'invalid_props'
  | 'queue_full'
  | 'timeout'
  | 'worker_crashed'
  | 'worker_unavailable';

export class BuilderError extends Error {
  override readonly name = 'BuilderError';
  readonly code: BuilderErrorCode;

  constructor(code: BuilderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

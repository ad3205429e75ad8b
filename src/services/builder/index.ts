// What the rest of the server may use of the builder.

export { ALLOWED_IMPORTS } from './allowed-imports.ts';
export { buildKey } from './build-key.ts';
export type {
  BuildFailure,
  BuildMessage,
  BuildResult,
  BuildSource,
  BuildSuccess,
} from './build-result.ts';
export { type Builder, type BuilderOptions, createBuilder } from './builder.ts';
export { BuilderError, type BuilderErrorCode } from './builder-error.ts';

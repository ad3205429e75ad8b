/** Questions to a model, and what comes of them. */
export { boundedFetch } from './bounded-fetch.ts';
export { createQuestion, type ModelOptions } from './question.ts';
export { ModelError, type ModelErrorCode } from './errors.ts';

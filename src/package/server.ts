/**
 * `greenroom/server`: what an answer over HTTP says about the cache, for tRPC's fetch adapter. The
 * wire path, which answers from bytes that were encoded once, is not here yet.
 */
export { collectMarks, withCacheAnswer, type CollectedMarks } from './cache-answer.ts';

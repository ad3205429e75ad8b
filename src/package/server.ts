/**
 * `greenroom/server`: answers over HTTP. For Node's own server, the wire path before tRPC's standalone
 * adapter; for the fetch adapter, what the cache says of an answer.
 */
export { collectMarks, withCacheAnswer, type CollectedMarks, type Marks } from './cache-answer.ts';
export { createWire, withWire, type WireContextOptions, type WireOptions } from './wire.ts';
export type { Wire } from '../server/wire/wire.ts';

/**
 * `greenroom/cache`: the coherent cache by itself, for any source of data that can tell of its writes.
 * With Drizzle, `openDrizzleCache` of `greenroom/drizzle` puts it together.
 */
export * from '../cache/index.ts';
export {
  systemClock,
  type Clock,
  type CoherenceEvent,
  type DirectoryPort,
  type MemberOptions,
  type Written,
} from '../cache/coherence/index.ts';

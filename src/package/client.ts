/**
 * `greenroom/client`: links for your own tRPC client, in browsers and in Node. What the cache said of
 * each answer, and when a query that failed on the way is worth another try; a mutation never is.
 */
export { createCacheReports } from '../client/cache-link.ts';
export type { CacheInfo, CacheReport, CacheReports } from '../client/cache-link.ts';
export { retryDelayMs, shouldRetry, type RetryOptions } from '../client/retries.ts';

/**
 * Durations in milliseconds, so that a bound reads as what it is (`5 * SECOND`).
 * The one module of `config` that the cache and the database code may import: it
 * reads nothing and knows nothing.
 */
export const MILLISECOND = 1;
export const SECOND = 1000 * MILLISECOND;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

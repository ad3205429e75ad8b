/**
 * What an error of the database means to whoever asked. Drivers and query builders wrap: the causes
 * are looked through.
 */

/** Of the connection (postgres.js, Node, our own queue), and SQLSTATEs of a server that starts, stops or is full. */
const UNAVAILABLE = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
  'NO_TURN',
  '08000',
  '08003',
  '08006',
  '53300',
  '57P01',
  '57P02',
  '57P03',
]);

/** Errors that wrap one another more deeply than this do so in a circle. */
const CAUSES_MAX = 8;

/** It cannot be reached or takes no connections now, as opposed to refusing a statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return hasCode(error, UNAVAILABLE);
}

const MISSING_REFERENCE = new Set(['23503']);

/** A row that the statement refers to (its project, its user) is gone. */
export function isMissingReference(error: unknown): boolean {
  return hasCode(error, MISSING_REFERENCE);
}

function hasCode(error: unknown, codes: ReadonlySet<string>): boolean {
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX && current instanceof Error; depth += 1) {
    if ('code' in current && codes.has(String(current.code))) return true;
    current = current.cause;
  }
  return false;
}

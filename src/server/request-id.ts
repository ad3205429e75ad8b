/**
 * The id that ties a request to its log lines. A caller's own `x-request-id` is kept when it is
 * sane, so that one id can follow a request through several services; anything else (too long,
 * or with characters that could forge a log line or a header) is replaced.
 */
import { randomUUID } from 'node:crypto';

/** 64 holds a UUID, a trace id or a ULID with a prefix. */
const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && SANE.test(header) ? header : randomUUID();
}

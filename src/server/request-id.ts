/**
 * The id that ties a request to its log lines. A caller's own `x-request-id` is kept when it is
 * sane, so that one id can follow a request through several services; anything else (too long,
 * or with characters that could forge a log line or a header) is replaced. Ours have to be unlike
 * each other, not hard to guess: a UUID costs more than looking up whose request it is.
 */
import { randomBytes } from 'node:crypto';

/** 64 holds a UUID, a trace id or a ULID with a prefix. */
const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

const PROCESS = randomBytes(4).toString('hex');
/** Of the same length each. */
const PART_MIN = 36 ** 6;
const PART_MAX = 36 ** 7;

const randomPart = (): string =>
  Math.floor(PART_MIN + Math.random() * (PART_MAX - PART_MIN)).toString(36);

export function requestIdOf(header: string | string[] | undefined): string {
  if (typeof header === 'string' && SANE.test(header)) return header;
  return `${PROCESS}-${randomPart()}-${randomPart()}`;
}

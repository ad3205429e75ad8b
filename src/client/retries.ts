/**
 * When a call is tried again: only queries, which change nothing, and only when the failure lies
 * on the way (no answer, or a proxy's or a starting server's refusal). Never a mutation: nobody
 * knows whether a lost one was done. Never a refusal that would be the same again.
 */
import { TRPCClientError, type Operation } from '@trpc/client';

export interface RetryOptions {
  /** All attempts together; 1 turns retries off. Default 3. */
  readonly attemptsMax?: number;
  /** Before the second attempt; doubled for each further one, and at random up to that. */
  readonly delayMs?: number;
}

const ATTEMPTS_MAX = 3;
const DELAY_MS = 200;
/** Nobody waits longer for one read. */
const DELAY_MS_MAX = 3_000;
/** Timeout, bad gateway, unavailable, gateway timeout. */
const RETRYABLE_STATUS = new Set([408, 502, 503, 504]);

export function shouldRetry(
  call: { op: Operation; error: unknown; attempts: number },
  options: RetryOptions = {},
): boolean {
  if (call.op.type !== 'query' || call.op.signal?.aborted) return false;
  if (call.attempts >= (options.attemptsMax ?? ATTEMPTS_MAX)) return false;
  if (!(call.error instanceof TRPCClientError)) return false;
  const status = statusOf(call.error);
  // Without a status there was no answer at all: the connection failed.
  return status === undefined
    ? call.error.cause?.name !== 'AbortError'
    : RETRYABLE_STATUS.has(status);
}

/** Full jitter: clients that failed together do not come back together. */
export function retryDelayMs(attempt: number, options: RetryOptions = {}): number {
  const longest = Math.min(DELAY_MS_MAX, (options.delayMs ?? DELAY_MS) * 2 ** (attempt - 1));
  return Math.random() * longest;
}

function statusOf(error: { data: unknown; meta?: Record<string, unknown> | undefined }) {
  const { data, meta } = error;
  if (typeof data === 'object' && data && 'httpStatus' in data) return Number(data.httpStatus);
  const response = meta?.['response'];
  return response instanceof Response ? response.status : undefined;
}

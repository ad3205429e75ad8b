/**
 * Errors as the log may have them. A failed query carries its parameters in its message, its stack
 * and a field of its own: tokens, e-mails, whole scenes. So only what is known to be harmless is
 * written: class, code, the statement without its values, frames, and the causes likewise.
 */
const CAUSES_MAX = 5;
const MESSAGE_LENGTH_MAX = 2_000;

export interface LoggedError {
  type: string;
  message: string;
  code?: string | number;
  frames?: string;
  cause?: LoggedError;
}

export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const { code, cause } = error as Error & { code?: unknown };
  const frames = framesOf(error.stack);
  return {
    type: error.constructor.name,
    message: messageOf(error).slice(0, MESSAGE_LENGTH_MAX),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(frames ? { frames } : {}),
    ...(cause !== undefined && depth < CAUSES_MAX ? { cause: loggedError(cause, depth + 1) } : {}),
  };
}

/** Without values, and not the message of a cause, which wrappers such as TRPCError repeat. */
function messageOf(error: Error): string {
  const { query } = error as { query?: unknown };
  if (typeof query === 'string') return `Failed query: ${query}`;
  const { cause } = error;
  return cause instanceof Error && cause.message === error.message
    ? 'see its cause'
    : error.message;
}

/** The stack without its head, which repeats the message. */
function framesOf(stack: string | undefined): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

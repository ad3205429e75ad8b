/**
 * Why the embedded server can't be used. Every message is one that a person at a
 * terminal can act on; where a real PostgreSQL is the way out it names DATABASE_URL.
 */
export type EmbeddedErrorCode =
  /** no binary for this platform, or one that doesn't run here */
  | 'UNSUPPORTED'
  /** root must not run PostgreSQL and no other user could be found or made */
  | 'NO_SERVER_USER'
  /** the data belongs to somebody else, or its password is lost */
  | 'NOT_ACCESSIBLE'
  /** another process is starting or stopping the server and doesn't finish */
  | 'LOCK_TIMEOUT'
  /** initdb or the server itself failed; the end of its log is in the message */
  | 'START_FAILED';

export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  readonly code: EmbeddedErrorCode;

  constructor(code: EmbeddedErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export const USE_A_REAL_SERVER =
  'Set DATABASE_URL to a PostgreSQL 15 to 18 to run without the embedded server.';

/**
 * Structured logs. No secret and no prompt may reach them: paths are logged without their query
 * (inputs travel there), bodies never, and the headers that carry credentials are cut out even
 * where a library logs a whole request.
 */
import { pino, type DestinationStream, type Logger } from 'pino';
import { loggedError } from './error-log.ts';

export type { Logger };

const SECRETS = [
  'authorization',
  'cookie',
  '"set-cookie"',
  '"set-auth-token"',
  'password',
  'token',
  'secret',
];

export function createLog(options: { level: string; destination?: DestinationStream }): Logger {
  const paths = SECRETS.flatMap((name) => {
    const key = name.startsWith('"') ? `[${name}]` : `.${name}`;
    return [key.replace(/^\./, ''), `*${key}`, `*.headers${key}`, `headers${key}`];
  });
  return pino(
    {
      level: options.level,
      base: null,
      redact: { paths, censor: '[redacted]' },
      serializers: { err: (error: unknown) => loggedError(error) },
    },
    options.destination,
  );
}

export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/**
 * The running server as an administrator sees it: signs in with ADMIN_EMAIL and
 * ADMIN_PASSWORD, or as the demo's administrator. A failure becomes one line that says
 * what to do about it.
 */
import {
  createGreenroomClient,
  GreenroomAuthError,
  type GreenroomClient,
} from '../src/client/index.ts';
import type { Config } from '../src/config/env.ts';
import { SECOND } from '../src/config/duration.ts';
import type { Option } from './cli.ts';

export const urlOption = {
  type: 'string',
  value: 'URL',
  description: 'the running server (default: from HOST and PORT)',
} as const satisfies Option;

const DEMO_ADMIN = { email: 'admin@example.com', password: 'admin-password' };
/** A script that hangs on a dead server tells nobody anything. */
const REQUEST_MS_MAX = 30 * SECOND;

export async function signIn(config: Config, url = defaultUrl(config)): Promise<GreenroomClient> {
  const account = config.admin ?? DEMO_ADMIN;
  const client = createGreenroomClient({
    url,
    session: 'bearer',
    fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(REQUEST_MS_MAX) }),
  });
  try {
    await client.auth.signIn.email(account);
    return client;
  } catch (error) {
    const message =
      error instanceof GreenroomAuthError
        ? `${account.email} could not sign in at ${url}: set ADMIN_EMAIL and ADMIN_PASSWORD`
        : `no server answers at ${url}: start it with npm start, or give --url`;
    throw new Error(message, { cause: error });
  }
}

function defaultUrl({ http }: Config): string {
  // A server that listens on every interface is reached by the loopback one.
  const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
}

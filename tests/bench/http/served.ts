/**
 * A server in a process of its own, whose CPU is that of its answers alone. Told by its first message
 * what to be, it answers `port`, and to every `cpu` what it has used.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type ServedAs =
  /** Constant answers by URL, with these raw headers; node:http alone. */
  | { readonly kind: 'constant'; readonly answers: Readonly<Record<string, ConstantAnswer>> }
  /** tRPC's standalone adapter with superjson over constant objects. */
  | { readonly kind: 'official'; readonly scene: string; readonly list: string }
  /** tRPC's standalone adapter over this project's procedures, sessions, limits and cache. */
  | { readonly kind: 'adapted'; readonly env: Readonly<Record<string, string>> }
  /** The whole server of this project, as `npm start` has it. */
  | {
      readonly kind: 'ours';
      readonly env: Readonly<Record<string, string>>;
      /** Small ones, in its memory beside what is asked for. Default: none. */
      readonly entries?: number;
    };

export interface ConstantAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Of a server as it is deployed, without limits that a benchmark would meet. */
export function environment(of: {
  readonly dataDir: string;
  readonly databaseUrl: string;
}): Record<string, string> {
  const unlimited = '2147483647';
  return {
    NODE_ENV: 'production',
    PORT: '0',
    DATA_DIR: of.dataDir,
    DATABASE_URL: of.databaseUrl,
    BETTER_AUTH_SECRET: 'a secret of the benchmark, long enough',
    SEED_DEMO: 'false',
    LOG_LEVEL: 'warn',
    RATE_LIMIT_PER_MINUTE: unlimited,
    RATE_LIMIT_READS_PER_MINUTE: unlimited,
    RATE_LIMIT_SIGN_IN_PER_MINUTE: unlimited,
  };
}

export interface Served extends AsyncDisposable {
  readonly port: number;
  /** Microseconds of this process so far. */
  cpuUs(): Promise<number>;
}

const MODULE = fileURLToPath(new URL('./child.ts', import.meta.url));

export async function serve(as: ServedAs): Promise<Served> {
  const child = fork(MODULE, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send(as);
  const port = (await answerOf(child)) as number;
  return {
    port,
    async cpuUs() {
      child.send('cpu');
      return (await answerOf(child)) as number;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.send('end');
      await once(child, 'exit');
    },
  };
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`a server of the benchmark ended with ${String(code)}`));
    };
    child.once('exit', onExit);
    child.once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer);
    });
  });
}

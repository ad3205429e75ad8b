/**
 * A process with one member that reads what cold-key.test.ts, which forks it, tells it to. Its loads of
 * that say that they have begun, and wait until they are let go.
 */
import { randomUUID } from 'node:crypto';
import { until } from '../contract/when-ready.ts';
import { openMember, type Member } from './member.ts';
import { PATIENT, STORE_PATIENCE_MS } from './patience.ts';
import { shareByPostgres, shareByRedis, type Sharing } from './sharing.ts';

export interface ReaderSettings {
  readonly databaseUrl: string;
  /** Undefined: shared through PostgreSQL. */
  readonly redis: { readonly url: string; readonly prefix: string } | undefined;
}

export type ToReader = { readonly read: string; readonly times: number } | 'let go';
export type FromReader =
  'ready' | 'asked' | 'load' | { readonly names: readonly (string | undefined)[] };

export function sharingOf({ redis }: ReaderSettings): Sharing {
  if (redis === undefined) return shareByPostgres();
  return shareByRedis(redis.url, { prefix: redis.prefix, commandTimeoutMs: STORE_PATIENCE_MS });
}

function tell(message: FromReader): void {
  process.send?.(message);
}

async function storeAnswers({ cache, name }: Member): Promise<boolean> {
  const failures = (): number => cache.report().shared!.failures;
  const before = failures();
  await name(randomUUID());
  return failures() === before;
}

async function run(settings: ReaderSettings): Promise<void> {
  let held: PromiseWithResolvers<void> | undefined;
  const member = await openMember({
    ...PATIENT,
    url: settings.databaseUrl,
    share: sharingOf(settings),
    async loading() {
      if (held === undefined) return;
      tell('load');
      await held.promise;
    },
  });
  process.on('message', (message: ToReader) => {
    if (message === 'let go') {
      held?.resolve();
      return;
    }
    held = Promise.withResolvers();
    const reads = Array.from({ length: message.times }, () => member.name(message.read));
    tell('asked');
    void Promise.all(reads).then((names) => tell({ names: [...new Set(names)] }));
  });
  await until(() => storeAnswers(member));
  tell('ready');
}

const [, , settings] = process.argv;
if (process.send !== undefined && settings !== undefined) {
  process.once('disconnect', () => process.exit());
  await run(JSON.parse(settings) as ReaderSettings);
}

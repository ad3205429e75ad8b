/**
 * Where the database is: the server that DATABASE_URL names, or the embedded one, which this
 * process then starts or joins and leaves again.
 */
import type { Config } from '../config/env.ts';
import { startEmbedded } from '../db/embedded.ts';

export interface DatabasePlace {
  readonly url: string;
  /** Past a pooler: for migrations and the lease. */
  readonly directUrl: string;
  readonly embedded: boolean;
  leave(): Promise<void>;
}

/** @param print  takes lines for a person: a first start, an unusual folder */
export async function findDatabase(
  config: Config['database'],
  print: (line: string) => void,
): Promise<DatabasePlace> {
  const { url, directUrl, dataDir } = config;
  if (url !== undefined) {
    return { url, directUrl: directUrl ?? url, embedded: false, leave: async () => undefined };
  }
  const server = await startEmbedded({ dataDir, log: print });
  return { url: server.url, directUrl: server.url, embedded: true, leave: () => server.stop() };
}

/**
 * Runs the server until it is told to end. SIGTERM and SIGINT close it within 4 s, the embedded
 * database included; a second one ends it at once. Throws what stopped the start.
 */
import closeWithGrace from 'close-with-grace';
import { SECOND } from '../config/duration.ts';
import { readConfig } from '../config/env.ts';
import { startContainer } from './container.ts';
import { createLog } from './log.ts';

/** Within the 4 s that a supervisor may count on. */
const CLOSE_MS_MAX = 3.7 * SECOND;

export async function main(): Promise<void> {
  const startedMs = performance.now();
  const config = readConfig();
  const log = createLog({ level: config.log.level });

  const start = startContainer({ config, log, print: (line) => console.error(line) });
  // From now on, not from when it is ready: a start that is interrupted must leave too.
  const grace = closeWithGrace({ delay: CLOSE_MS_MAX, logger: log }, async ({ err }) => {
    if (err) log.fatal({ err }, 'the server ends because of an error nobody caught');
    const container = await start.catch(() => undefined);
    await container?.close();
  });
  try {
    const { url } = await start;
    const seconds = ((performance.now() - startedMs) / SECOND).toFixed(1);
    console.log(`Greenroom is ready at ${url} (${seconds} s)`);
  } catch (error) {
    grace.uninstall();
    throw error;
  }
}

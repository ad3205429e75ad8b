/**
 * The promise, checked on real API processes with a PostgreSQL and Redis of their own, under faults.
 *
 * Last line: `N reads checked, N faults, N violations`. Exit 1 on a violation, 2 on any failure of the
 * check itself. With --json only JSON goes to stdout, and the last line to stderr.
 */
import { parseArgs } from 'node:util';
import { findRedisProgram } from '../tests/processes/own-redis.ts';
import { describeCounterexample, describeResult } from '../tests/processes/report.ts';
import { runProcesses } from '../tests/processes/run.ts';

const SECONDS_DEFAULT = 60;
const SECONDS_MAX = 24 * 60 * 60;
/** Starting, healing, recovering and taking down, on a busy machine. */
const AROUND_MS_MAX = 180_000;

const HELP = `npm run verify:processes [-- options]

Runs four API processes against a PostgreSQL and two Redis servers of their own, breaks all of them
in every way, and checks that no read was older than a write acknowledged before it began.

  --seconds N      how long it reads, writes and breaks things; default ${SECONDS_DEFAULT}
  --seed S         which faults, when; default random, and printed
  --without-redis  PostgreSQL as the shared store and the journal
  --json           print JSON, and nothing else, to stdout
  --help           print this`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      seed: { type: 'string' },
      'without-redis': { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const seconds = integer('--seconds', values.seconds ?? String(SECONDS_DEFAULT), SECONDS_MAX);
  const seed =
    values.seed === undefined
      ? Math.floor(Math.random() * 2 ** 40)
      : integer('--seed', values.seed, Number.MAX_SAFE_INTEGER);
  const redisProgram = values['without-redis'] === true ? undefined : await findRedisProgram();
  if (redisProgram === undefined && values['without-redis'] !== true) {
    throw new Error('redis-server is not installed: apt-get install -y redis-server');
  }
  const json = values.json === true;
  const say = (line: string): void => {
    (json ? process.stderr : process.stdout).write(`${line}\n`);
  };

  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  // Node would end with 1, which says that the promise was broken.
  process.once('uncaughtException', (error) => {
    process.stderr.write(`verify:processes: ${error.stack}\n`);
    process.exit(2);
  });
  // Against a run that hangs: whatever is left is ended by the run's guard.
  setTimeout(
    () => {
      process.stderr.write('the run did not end in time\n');
      process.exit(2);
    },
    seconds * 1000 + AROUND_MS_MAX,
  ).unref();

  say(`seed ${seed}, ${seconds} s`);
  const result = await runProcesses({
    ms: seconds * 1000,
    seed,
    redisProgram,
    signal: interrupted.signal,
    onProgress: say,
    onViolation: (example) => say(describeCounterexample(example)),
  });
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else say(describeResult(result));
  say(`${result.reads} reads checked, ${result.faults} faults, ${result.violations} violations`);
  return result.violations > 0 ? 1 : 0;
}

function integer(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) {
    throw new Error(`${name} takes an integer from 0 to ${max}, not ${text}`);
  }
  return value;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `verify:processes: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 2;
}

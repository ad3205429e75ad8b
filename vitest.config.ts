/**
 * How the tests run. Two workers, because the suites start real servers and the reference machine has
 * two cores. Every test that needs a database gets one of its own (tests/fixtures/database.ts), so
 * files may run side by side in any order. Suites that start several servers and kill some of them come
 * last, one after the other: beside others they would only measure how busy the machine is.
 */
import { configDefaults, defineConfig } from 'vitest/config';

const SUITES_OF_SERVERS = [
  'tests/processes/**/*.test.ts',
  'tests/topology/**/*.test.ts',
  'tests/bench/**/*.test.ts',
  'tests/server/shutdown.test.ts',
];
const ALL_SUITES = ['tests/**/*.test.{ts,tsx}'];

/**
 * A test that takes longer hangs: the slowest ones start a server and a browser, or a run of tests,
 * which takes 5 s, and ten times that on a busy machine.
 */
const TEST_MS_MAX = 180_000;
/** A hook starts servers: on a busy machine the first start of PostgreSQL alone may take 20 s. */
const HOOK_MS_MAX = 180_000;
/** What is waited for comes true in far less, or never. */
const POLL_MS_MAX = 15_000;
/** Dropping the run's databases and stopping PostgreSQL. */
const TEARDOWN_MS_MAX = 60_000;

const each = {
  setupFiles: ['tests/fixtures/worker-setup.ts'],
  pool: 'forks' as const,
  testTimeout: TEST_MS_MAX,
  hookTimeout: HOOK_MS_MAX,
  expect: { poll: { timeout: POLL_MS_MAX } },
};

export default defineConfig({
  test: {
    globalSetup: ['tests/fixtures/global-setup.ts'],
    teardownTimeout: TEARDOWN_MS_MAX,
    coverage: { provider: 'v8', include: ['src/**'] },
    projects: [
      {
        test: {
          ...each,
          name: 'suites',
          include: ALL_SUITES,
          exclude: [...configDefaults.exclude, ...SUITES_OF_SERVERS],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...each,
          name: 'servers',
          include: SUITES_OF_SERVERS,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

/**
 * Runs the tests and says in its last line how they went: `N passed, N failed, N skipped`, alone on
 * the line, so that people and programs can rely on it. Exits 1 on any failure and when no test ran.
 * What failed is named once more before it, with its error, since a long run has scrolled away by then;
 * what was skipped is listed with the reason, and the install command of a missing program.
 * Everything that vitest cannot attribute to a test (a file that does not load, a failed hook, an
 * unhandled rejection) counts as one failure, because a run that hides it would be called green.
 */
import { parseCLI, startVitest } from 'vitest/node';
import type { TestModule, Vitest } from 'vitest/node';

const help = `Usage: npm test [-- FILTER... [OPTION...]]

Runs the tests whose path contains one of the filters; all of them without a filter.

  npm test -- tests/cache             one folder
  npm test -- tests/cache/key.test.ts one file
  npm test -- -t 'two members'        the tests whose name contains the words
  npm test -- --coverage              any option of \`vitest run\`

Environment:
  TEST_DATABASE_URL, DATABASE_URL  run on this PostgreSQL server (the user needs CREATEDB and CREATEROLE);
                                   each test gets a database of its own there, none other is touched
  REQUIRE_ALL=1                    a suite that lacks a program fails instead of being skipped

The last line is \`N passed, N failed, N skipped\`; the exit code is 1 on a failure or when no test ran.
`;

/** A whole run takes a few minutes; CI gives up on everything together after 30. */
const RUN_MS_MAX = 25 * 60_000;

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed: its file and name, then the first lines of its error. */
  failures: string[];
  /** What did not run, and why; a program that is missing comes with its install command. */
  absences: Set<string>;
}

/** The rest of an error stands where it happened. */
const ERROR_LINES_MAX = 12;

/** Counts what happened in these modules; `unhandled` errors count as failures. */
function tally(modules: readonly TestModule[], unhandled: readonly unknown[]): Tally {
  const result: Tally = { passed: 0, failed: 0, skipped: 0, failures: [], absences: new Set() };
  const fail = (where: string, errors: readonly unknown[]): void => {
    result.failed += 1;
    result.failures.push([where, ...errors.map(beginningOf)].join('\n'));
  };
  for (const error of unhandled) fail('Outside of every test', [error]);
  for (const module of modules) {
    for (const error of module.errors()) fail(module.relativeModuleId, [error]);
    for (const test of module.children.allTests()) {
      const { state, errors, ...details } = test.result();
      const note = 'note' in details ? details.note : undefined;
      const where = `${module.relativeModuleId} > ${test.fullName}`;
      if (note !== undefined) result.absences.add(`${module.relativeModuleId}: ${note}`);
      if (state === 'passed') result.passed += 1;
      else if (state === 'failed') fail(where, errors);
      else if (state === 'skipped') result.skipped += 1;
      // Pending after the run has ended: its worker died or was stopped.
      else fail(where, ['It did not end.']);
    }
    for (const suite of module.children.allSuites()) {
      for (const error of suite.errors()) {
        fail(`${module.relativeModuleId} > ${suite.fullName}`, [error]);
      }
      const { missing } = suite.meta();
      if (missing === undefined) continue;
      const { reason, install } = missing;
      result.absences.add(`${suite.fullName}: ${reason}. Install: ${install}`);
    }
  }
  return result;
}

/** The first lines of an error's message, each indented. */
function beginningOf(error: unknown): string {
  const text =
    typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : String(error);
  return text
    .split('\n')
    .slice(0, ERROR_LINES_MAX)
    .map((line) => `    ${line}`)
    .join('\n');
}

async function main(argv: string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(help);
    return 0;
  }
  const { filter, options } = parseCLI(['vitest', 'run', ...argv]);
  const watchdog = setTimeout(() => {
    console.error(`The run took longer than ${RUN_MS_MAX / 60_000} minutes.`);
    process.exit(1);
  }, RUN_MS_MAX);
  watchdog.unref();
  let vitest: Vitest;
  try {
    vitest = await startVitest('test', filter, { ...options, watch: false });
  } catch (error) {
    console.error(error);
    return report({ passed: 0, failed: 1, skipped: 0, failures: [], absences: new Set() });
  }
  const { state } = vitest;
  const counted = tally(state.getTestModules(), state.getUnhandledErrors());
  // Coverage below its threshold and the like: vitest failed the run without failing a test.
  const failedAsWhole = Number(process.exitCode ?? 0) !== 0;
  if (counted.failed === 0 && counted.passed > 0 && failedAsWhole) counted.failed = 1;
  // Closed before the last line, so that whatever the servers say while stopping comes before it.
  await vitest.close();
  return report(counted);
}

function report(counted: Tally): number {
  if (counted.failures.length > 0) {
    console.log('\nFailed:');
    for (const failure of counted.failures) console.log(`  ${failure}`);
  }
  if (counted.absences.size > 0) {
    console.log('\nSkipped:');
    for (const absence of counted.absences) console.log(`  ${absence}`);
  }
  if (counted.passed + counted.failed === 0)
    console.log('\nNo test ran, which counts as a failure.');
  console.log(`\n${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`);
  return counted.failed === 0 && counted.passed > 0 ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));

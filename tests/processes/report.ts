/** A run as text for a person. */
import type { Spread } from './figures.ts';
import type { Counterexample } from './history.ts';
import type { RunResult } from './run.ts';

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

export function describeCounterexample(example: Counterexample): string {
  const { kind, text, process, key, read, answer, rows, faults } = example;
  const before = (atMs: number | undefined): string =>
    atMs === undefined ? 'at a time unknown' : `${ms(read.beganMs - atMs)} before the read began`;
  return [
    `VIOLATION ${kind}: ${text}`,
    `  read of ${key} at ${process} by ${read.via}, took ${ms(read.endedMs - read.beganMs)}, ` +
      `answered ${answer.outcome ?? '-'} ${answer.tier ?? '-'}`,
    ...rows.map(
      ({ name, shown, required, writtenMs, written }) =>
        `  ${name}: showed ${shown}; ${required} was ${written ?? 'written'} ${before(writtenMs)}`,
    ),
    ...faults.map((fault) => `  fault: ${fault}`),
  ].join('\n');
}

export function describeResult(result: RunResult): string {
  const { availability, writeLatency, lag } = result;
  const width = Math.max(...availability.map(({ kind }) => kind.length));
  const share = (prompt: number | undefined): string =>
    prompt === undefined ? '      -' : `${(100 * prompt).toFixed(1).padStart(6)}%`;
  return [
    '',
    `seed ${result.seed}: ${result.reads} reads that showed ${result.rowsShown} rows, ` +
      `${result.writes} writes acknowledged, ${writeLatency.behind} behind the API`,
    `answers: ${counts(result.outcomes)}`,
    `grace, marked stale, while the database was unreachable: ${result.graceAnswers}`,
    `not answered: ${counts(result.unanswered)}`,
    '',
    `${'fault'.padEnd(width)}  times    reads  within 1 s   alone  within 1 s`,
    ...availability.map(
      ({ kind, faults, reads, prompt, readsAlone, promptAlone }) =>
        `${kind.padEnd(width)}  ${String(faults || '-').padStart(5)}  ${String(reads).padStart(7)}` +
        `     ${share(prompt)} ${String(readsAlone).padStart(7)}     ${share(promptAlone)}`,
    ),
    'Reads answered during each fault: of a killed or stopped process at the others, of a cut one',
    'its own; "alone" while there was no other fault; "none" long after any.',
    '',
    `write latency            ${describeSpread(writeLatency.all)}`,
    `  long after any         ${describeSpread(writeLatency.healthy)}`,
    `commit to seen elsewhere ${describeSpread(lag.all)}`,
    `  long after any         ${describeSpread(lag.healthy)}`,
    `all processes served hits and prompt writes ${ms(result.recoveryMs)} after the last fault`,
  ].join('\n');
}

function describeSpread({ count, p50, p99, max }: Spread): string {
  if (count === 0) return 'not measured';
  return `p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)} (${count})`;
}

function counts(byName: Record<string, number>): string {
  const entries = Object.entries(byName).toSorted(([, a], [, b]) => b - a);
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}

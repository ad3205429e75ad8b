/** The coherence simulation on the command line; `help` says how. */
import { parseArgs } from 'node:util';
import { runCampaign, type CampaignOptions, type Totals } from '../tests/simulation/campaign.ts';
import { EXPECTED } from '../tests/simulation/coverage.ts';
import { measureMutant } from '../tests/simulation/mutant-table.ts';
import { findMutant, MUTANTS, type Mutant } from '../tests/simulation/mutants/index.ts';
import { createPatchedCopy } from '../tests/simulation/patched-copy.ts';
import { measureScale } from '../tests/simulation/scale.ts';
import { simulate } from '../tests/simulation/simulate.ts';

const DEFAULT_SEEDS = 2000;
const help = `npm run verify:simulate [-- options]

Attacks the coherence protocol with random schedules of faults, in virtual time.

  --seeds N        run N schedules, from --seed or else from a fresh seed; default ${DEFAULT_SEEDS}
  --seed S         alone: replay schedule S with a trace
  --seconds N      stop after N seconds instead
  --coverage       print which states and transitions of the machine were reached
  --list-mutants   list the fences that can be taken away: one a line, its name first
  --mutant NAME    run without this fence, up to the first violation
  --mutant-table   print how many seeds each mutant needs (with --seeds and --seed)
  --scale          print messages, statements and waiting as members and writes grow
  --help           print this

Last line: \`N schedules, N reads checked, N violations\`. Exits 1 on a violation, 2 on any failure.
`;
const FAILED_SHOWN_MAX = 5;
const PROGRESS_EVERY_MS = 5000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      seconds: { type: 'string' },
      mutant: { type: 'string' },
      'list-mutants': { type: 'boolean' },
      'mutant-table': { type: 'boolean' },
      scale: { type: 'boolean' },
      coverage: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    say(help);
    return 0;
  }
  if (values['list-mutants'] === true) return listMutants();
  if (values.scale === true) return printScale();
  const seed = values.seed === undefined ? undefined : integer('--seed', values.seed);
  const seeds = values.seeds === undefined ? undefined : integer('--seeds', values.seeds);
  const seconds = values.seconds === undefined ? undefined : integer('--seconds', values.seconds);
  const mutant = values.mutant === undefined ? undefined : named(values.mutant);
  const from = seed ?? Math.floor(Math.random() * 2 ** 40);
  if (values['mutant-table'] === true) {
    return await printTable(mutant === undefined ? MUTANTS : [mutant], from, seeds ?? 10_000);
  }
  if (seed !== undefined && seeds === undefined && seconds === undefined) {
    return await replay(seed, mutant);
  }
  const count = seeds ?? (seconds === undefined ? DEFAULT_SEEDS : Infinity);
  if (from + Math.min(count, 1) - 1 > Number.MAX_SAFE_INTEGER)
    throw new Error('--seed is too large');
  const bounds = { from, count, ...(seconds === undefined ? {} : { forMs: seconds * 1000 }) };
  return await attack(bounds, mutant, values.coverage === true);
}

function integer(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new Error(`${name} takes an integer from 0 to 2^53 - 1, not ${text}`);
  }
  return value;
}

function named(name: string): Mutant {
  const mutant = findMutant(name);
  if (mutant === undefined) throw new Error(`unknown mutant ${name}; --list-mutants lists them`);
  return mutant;
}

function listMutants(): number {
  const width = Math.max(...MUTANTS.map(({ name }) => name.length));
  for (const { name, why, published } of MUTANTS) {
    say(`${name.padEnd(width)}  ${why}${published === undefined ? '' : ` [${published}]`}`);
  }
  return 0;
}

function printScale(): number {
  say(
    '| members | writes/s | wait of a write, median | 99% | messages a write | messages/s | statements/s | loads/s |',
  );
  say('|---|---|---|---|---|---|---|---|---|');
  for (const processes of [1, 2, 4, 8, 16, 32]) {
    for (const writesPerSecond of [10, 100]) {
      const row = measureScale({ processes, writesPerSecond });
      const waits = [row.waitMedianMs, row.waitP99Ms].map((ms) => `${ms.toFixed(1)} ms`);
      const perSecond = [row.messagesPerSecond, row.statementsPerSecond, row.loadsPerSecond];
      const cells = [
        processes,
        writesPerSecond,
        ...waits,
        row.messagesPerWrite.toFixed(1),
        ...perSecond.map((rate) => rate.toFixed(0)),
      ];
      say(`| ${cells.join(' | ')} |`);
    }
  }
  return 0;
}

async function replay(seed: number, mutant: Mutant | undefined): Promise<number> {
  const trace = { trace: say };
  if (mutant === undefined) return summarize([simulate(seed, trace)]);
  await using copy = await createPatchedCopy(mutant);
  const patched = (await import(copy.simulateUrl)) as { simulate: typeof simulate };
  return summarize([patched.simulate(seed, trace)]);
}

function summarize(results: readonly ReturnType<typeof simulate>[]): number {
  const reads = results.reduce((sum, result) => sum + result.reads, 0);
  const violations = results.reduce((sum, result) => sum + result.violations.length, 0);
  say(`${results.length} schedules, ${reads} reads checked, ${violations} violations`);
  return violations > 0 ? 1 : 0;
}

async function attack(
  bounds: CampaignOptions,
  mutant: Mutant | undefined,
  coverage: boolean,
): Promise<number> {
  const startedMs = performance.now();
  let toldMs = startedMs;
  say(`from seed ${bounds.from}${mutant === undefined ? '' : ` with ${mutant.name}`}`);
  const progress = (totals: Totals): void => {
    if (performance.now() - toldMs < PROGRESS_EVERY_MS) return;
    toldMs = performance.now();
    const failed = totals.failed.map(({ seed }) => seed).slice(0, FAILED_SHOWN_MAX);
    say(rates(totals, startedMs) + (failed.length > 0 ? `; violated by ${failed.join()}` : ''));
  };
  const options = { ...bounds, progress, stopAtViolation: mutant !== undefined };
  let totals: Totals;
  if (mutant === undefined) {
    totals = await runCampaign(options);
  } else {
    await using copy = await createPatchedCopy(mutant);
    totals = await runCampaign({ ...options, simulateUrl: copy.simulateUrl });
  }
  for (const { seed, violations } of totals.failed.slice(0, FAILED_SHOWN_MAX)) {
    for (const { kind, atMs, text } of violations.slice(0, 2)) {
      say(`seed ${seed}: ${kind} at ${atMs.toFixed(0)} ms: ${text}`);
    }
  }
  if (coverage) printCoverage(totals);
  say(rates(totals, startedMs));
  const { schedules, reads, violations } = totals;
  say(`${schedules} schedules, ${reads} reads checked, ${violations} violations`);
  return violations > 0 ? 1 : 0;
}

function rates(totals: Totals, startedMs: number): string {
  const seconds = (performance.now() - startedMs) / 1000;
  const perSecond = (count: number): string => (count / seconds).toFixed(0);
  return (
    `${totals.schedules} schedules (${perSecond(totals.schedules)}/s), ` +
    `${totals.reads} reads (${perSecond(totals.reads)}/s), ${totals.writes} writes, ` +
    `${(totals.simulatedMs / 3_600_000).toFixed(1)} hours simulated in ${seconds.toFixed(0)} s`
  );
}

function printCoverage({ covered }: Totals): void {
  const missing = EXPECTED.filter((name) => !covered.has(name));
  const extra = [...covered].filter((name) => !EXPECTED.includes(name));
  const share = (100 * (EXPECTED.length - missing.length)) / EXPECTED.length;
  say(`coverage: ${EXPECTED.length - missing.length} of ${EXPECTED.length} (${share.toFixed(1)}%)`);
  for (const name of missing) say(`  not reached: ${name}`);
  for (const name of extra) say(`  not expected: ${name}`);
}

async function printTable(
  mutants: readonly Mutant[],
  from: number,
  count: number,
): Promise<number> {
  say(`from seed ${from}, at most ${count} seeds each`);
  say('| mutant | seeds | that find it | median | 95% | worst | within 1,000 | first seed | as |');
  say('|---|---|---|---|---|---|---|---|---|');
  for (const mutant of mutants) {
    const row = await measureMutant(mutant, { from, count });
    const share = `${(100 * row.share).toFixed(2)}%`;
    const within = `${(100 * row.within1000).toFixed(1)}%`;
    const cells = [
      row.name,
      row.seeds,
      share,
      row.median,
      row.p95,
      row.worst,
      within,
      row.seed,
      row.kinds.join(' '),
    ];
    say(`| ${cells.join(' | ')} |`);
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

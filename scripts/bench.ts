/**
 * `npm run bench [-- NAME…] [--json] [--markdown] [--svg FILE] [--tries N]`: each benchmark beside its floor and
 * its peers in one run. Tables go to stdout for people; with --json only JSON does. What is said on
 * the way goes to stderr.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { drawChart } from '../tests/bench/chart.ts';
import { benchDecisions } from '../tests/bench/decisions/command.ts';
import { installPeers } from '../tests/bench/peers/install.ts';
import { describeMachine, printMarkdown, printTable } from '../tests/bench/report.ts';
import { suites } from '../tests/bench/suites.ts';
import type { Suite, SuiteResult } from '../tests/bench/suite.ts';

const TRIES_MAX = 100_000;

const help = `npm run bench [-- NAME… options]

${suites.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}

  decisions    prompts that the similar tier would have saved; has options of its own

All of them but the last without a name.

  --json      print JSON, and nothing else, to stdout
  --markdown  print the tables as Markdown
  --svg FILE  draw the ratios of one benchmark as well
  --tries N   how often each race is run; default 200
  --help      print this`;

interface Chosen {
  readonly suites: readonly Suite[];
  readonly tries: number | undefined;
  readonly print: (suite: Suite, result: SuiteResult) => string;
  readonly json: boolean;
  /** Where the chart goes. */
  readonly svg: string | undefined;
}

function choose(argv: string[]): Chosen | undefined {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      svg: { type: 'string' },
      tries: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const unknown = positionals.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new Error(`there is no benchmark named ${unknown}`);
  const tries = values.tries === undefined ? undefined : Number(values.tries);
  if (tries !== undefined && !(Number.isInteger(tries) && tries >= 1 && tries <= TRIES_MAX)) {
    throw new Error(`--tries must be a whole number from 1 to ${TRIES_MAX}`);
  }
  if (values.svg !== undefined && positionals.length !== 1) {
    throw new Error('--svg draws one benchmark: name it');
  }
  return {
    suites: suites.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    tries,
    json: values.json,
    svg: values.svg,
    print: values.markdown ? asMarkdown : asText,
  };
}

function asText({ name }: Suite, { table, notes }: SuiteResult): string {
  return [`\n${name}\n`, printTable(table), '', ...notes, ''].join('\n');
}

function asMarkdown({ name }: Suite, { table, notes }: SuiteResult): string {
  const machine = `\`npm run bench -- ${name}\` on ${describeMachine()}.`;
  return [`\n${printMarkdown(table)}`, '', ...notes.map((note) => `- ${note}`), '', machine].join(
    '\n',
  );
}

function chartOf({ name, what }: Suite, { rows }: SuiteResult): string {
  const caption = `npm run bench -- ${name} --svg FILE · ${describeMachine()}`;
  return drawChart(rows, { title: what, caption });
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(argv: string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === 'decisions') {
    process.stdout.write(`${await benchDecisions(rest, say)}\n`);
    return;
  }
  const chosen = choose(argv);
  if (chosen === undefined) {
    process.stdout.write(`${help}\n`);
    return;
  }
  say(describeMachine());
  const peersMissing = installPeers(say);
  if (peersMissing !== undefined) say(`${peersMissing}; without them`);
  const printed: object[] = [];
  for (const suite of chosen.suites) {
    const result = await suite.run({ say, tries: chosen.tries, peersMissing });
    printed.push({ suite: suite.name, machine: describeMachine(), ...result });
    if (chosen.svg !== undefined) await writeFile(chosen.svg, chartOf(suite, result));
    if (!chosen.json) process.stdout.write(`${chosen.print(suite, result)}\n`);
  }
  // One benchmark is an object, as its readers expect; several are a list of them.
  if (chosen.json)
    process.stdout.write(`${JSON.stringify(printed.length === 1 ? printed[0] : printed)}\n`);
}

// An exit, unlike a death by signal, lets the servers be ended.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
try {
  await main(process.argv.slice(2));
} catch (error) {
  say(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
}

/**
 * Runs the gates one after another (two at a time would only slow each other down on two cores), shows
 * how long each took and what it looked at, and exits 1 when any found a fault. All of them run, so
 * that one round shows everything there is to repair.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gates } from './gates/all.ts';
import { runGate } from './gates/gate.ts';
import type { Verdict } from './gates/gate.ts';

const help = `Usage: npm run check [-- OPTION...]

Gates:
${gates.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}

Options:
  --only NAME,NAME  these gates
  --skip NAME,NAME  all gates but these
  --root FOLDER     check another tree than this one
  --json            print the verdicts as JSON, nothing else
  --help            this text
`;

/** More than this of one gate's faults hides the other gates' ones; the rest is counted. */
const FAULTS_SHOWN_MAX = 40;

async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string' },
      skip: { type: 'string' },
      root: { type: 'string', default: resolve(import.meta.dirname, '..') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const only = split(values.only);
  const skip = split(values.skip);
  const unknown = [...only, ...skip].find((name) => !gates.some((gate) => gate.name === name));
  if (unknown !== undefined) throw new Error(`there is no gate named ${unknown}`);
  const chosen = gates.filter(
    ({ name }) => (only.length === 0 || only.includes(name)) && !skip.includes(name),
  );
  if (chosen.length === 0) throw new Error('no gate is left to run');

  const verdicts: Verdict[] = [];
  for (const gate of chosen) {
    const verdict = await runGate(gate, resolve(values.root));
    verdicts.push(verdict);
    if (!values.json) console.log(describe(verdict));
  }
  const failed = verdicts.filter(({ passed }) => !passed);
  if (values.json) console.log(JSON.stringify(verdicts, undefined, 2));
  else console.log(summarise(verdicts, failed));
  return failed.length === 0 ? 0 : 1;
}

function split(list: string | undefined): string[] {
  return (list ?? '').split(',').filter((name) => name !== '');
}

function describe({ gate, passed, ms, checked, unit, faults }: Verdict): string {
  const seconds = (ms / 1000).toFixed(1).padStart(6);
  const line = `${passed ? 'ok    ' : 'FAILED'} ${gate.padEnd(12)} ${seconds} s  ${checked} ${unit}`;
  const shown = faults.slice(0, FAULTS_SHOWN_MAX).map((fault) => `  ${fault}`);
  const hidden = faults.length - shown.length;
  return [line, ...shown, ...(hidden > 0 ? [`  and ${hidden} more`] : [])].join('\n');
}

function summarise(verdicts: readonly Verdict[], failed: readonly Verdict[]): string {
  const seconds = (verdicts.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(1);
  const names = failed.map(({ gate }) => gate).join(', ');
  const outcome = failed.length === 0 ? 'all passed' : `${failed.length} failed: ${names}`;
  return `\n${verdicts.length} gates in ${seconds} s, ${outcome}`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`check: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

/**
 * `npm run bench -- decisions`: how many of labelled prompts the similar tier would have saved, and
 * how many of them wrongly, beside fixed thresholds and exact reuse alone.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run, type Report } from './run.ts';

const help = `npm run bench -- decisions [options]

  --data FILE        JSON lines, plain or .gz (default: the development split)
  --delta D          bound on wrong reuses as a share of all requests (default 0.02)
  --orders N         random orders of the stream (default 50)
  --sets A,B         only these sets
  --shuffle-labels   deal the labels out anew within each set
  --json             the report alone, as JSON`;

const DATA = fileURLToPath(new URL('../../data/prompt-pairs-dev.jsonl.gz', import.meta.url));

/** @returns what to print */
export async function benchDecisions(
  argv: string[],
  progress: (line: string) => void,
): Promise<string> {
  const { values } = parseArgs({
    args: argv,
    options: {
      data: { type: 'string', default: DATA },
      delta: { type: 'string', default: '0.02' },
      orders: { type: 'string', default: '50' },
      sets: { type: 'string' },
      'shuffle-labels': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return help;
  const delta = Number(values.delta);
  const orders = Number(values.orders);
  if (!(delta > 0 && delta < 1)) throw new Error(`--delta is between 0 and 1, not ${values.delta}`);
  if (!Number.isInteger(orders) || orders < 1) {
    throw new Error(`--orders is an integer from 1, not ${values.orders}`);
  }
  const report = await run({
    data: values.data,
    delta,
    orders,
    shuffleLabels: values['shuffle-labels'],
    progress,
    ...(values.sets === undefined ? {} : { sets: values.sets.split(',') }),
  });
  return values.json ? JSON.stringify(report) : table(report);
}

function table({ sets }: Report): string {
  const share = (value: number) => `${(100 * value).toFixed(2)}%`.padStart(8);
  const head =
    'set          prompts    saved    wrong of reuse   broken   audits    exact    fixed\n';
  const rows = sets.map(
    (row) =>
      row.set.padEnd(12) +
      String(row.prompts).padStart(8) +
      ' ' +
      [row.saved, row.wrong, row.wrongOfReuses, row.ordersBroken, row.audits, row.exactOnly]
        .concat(row.bestFixedThreshold)
        .map(share)
        .join(' '),
  );
  return `${head}${rows.join('\n')}\n`;
}

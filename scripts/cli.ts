/**
 * How a script reads its arguments and ends: `--help`, unknown options, one clear line and
 * a non-zero exit on failure. Loads `.env` from the project's folder first (what the
 * environment already has wins). JSON for programs goes to stdout alone; what a person
 * reads meanwhile goes to stderr.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const projectFolder = fileURLToPath(new URL('..', import.meta.url));

export interface Option {
  type: 'boolean' | 'string';
  description: string;
  /** What stands for the value in `--help`, as in `--url URL`. */
  value?: string;
}

export type Values<O extends Record<string, Option>> = {
  [K in keyof O]: O[K]['type'] extends 'boolean' ? boolean : string | undefined;
};

export interface Command<O extends Record<string, Option>> {
  /** As npm knows it: `db:seed`. */
  name: string;
  summary: string;
  options: O;
  run(values: Values<O>): Promise<void>;
  /** The command ends itself on SIGINT and SIGTERM. Default: it ends at once. */
  handlesSignals?: boolean;
}

export const jsonOption = {
  type: 'boolean',
  description: 'print JSON, and nothing else, to stdout',
} as const satisfies Option;

/** A wrong use of the command, as opposed to a failure of what it does. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export async function runCommand<const O extends Record<string, Option>>(
  command: Command<O>,
): Promise<void> {
  if (!command.handlesSignals) {
    // An exit, unlike a death by signal, lets the embedded database be left in order.
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
  }
  try {
    const values = readArguments(command);
    if (values === 'help') {
      console.log(helpText(command));
      return;
    }
    loadEnvFile();
    await command.run(values);
  } catch (error) {
    console.error(`${command.name}: ${describeError(error)}`);
    process.exit(1);
  }
}

function readArguments<O extends Record<string, Option>>(command: Command<O>): Values<O> | 'help' {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ options, allowPositionals: false });
    if ('help' in values && values.help) return 'help';
    const complete: Record<string, unknown> = { ...values };
    for (const [name, option] of Object.entries(command.options)) {
      if (option.type === 'boolean') complete[name] ??= false;
    }
    return complete as Values<O>;
  } catch (error) {
    throw new UsageError(`${firstSentence(error)}. See npm run ${command.name} -- --help.`);
  }
}

/** node:util adds advice about `--` that does not apply here. */
function firstSentence(error: unknown): string {
  return (error as Error).message.split('. ')[0] ?? '';
}

function helpText(command: Command<Record<string, Option>>): string {
  const options = { ...command.options, help: { type: 'boolean', description: 'print this' } };
  const rows = Object.entries<Option>(options as Record<string, Option>).map(([name, option]) => {
    const value = option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : '';
    return [`  --${name}${value}`, option.description] as const;
  });
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return [
    `npm run ${command.name} [-- options]`,
    '',
    command.summary,
    '',
    ...rows.map(([flag, description]) => flag.padEnd(width) + description),
  ].join('\n');
}

export function loadEnvFile(): void {
  try {
    process.loadEnvFile(`${projectFolder}.env`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** A whole number given as an option. */
export function integerOption(
  name: string,
  text: string | undefined,
  bounds: { default: number; min: number; max: number },
): number {
  if (text === undefined) return bounds.default;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < bounds.min || value > bounds.max) {
    throw new UsageError(`--${name} must be a whole number from ${bounds.min} to ${bounds.max}`);
  }
  return value;
}

/** One line, also for errors whose message is empty (a refused connection) or long (a query). */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return describeError(error.errors[0]);
  }
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  const text = (error.message || code || error.name).replaceAll(/\s+/g, ' ').trim();
  const cause = error.cause instanceof Error ? ` (${describeError(error.cause)})` : '';
  // fetch says only "fetch failed"; drizzle says only which query: the cause is the news.
  return text + cause;
}

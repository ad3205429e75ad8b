/**
 * What a gate is. A gate looks at one tree (the project, or a small one with a planted fault in
 * tests/gates) and says what is wrong with it and how much it looked at. A gate that looked at nothing
 * fails: a checker whose file pattern no longer matches would otherwise stay green for ever.
 * Tools are always the project's own, while their configuration comes from the tree.
 */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

export interface Gate {
  readonly name: string;
  /** One line for `npm run check -- --help`. */
  readonly what: string;
  run(root: string): Promise<Finding>;
}

export interface Finding {
  /** One text for each fault, naming the place. Empty when all is well. */
  faults: string[];
  checked: number;
  /** What `checked` counts, in the plural. */
  unit: string;
}

export interface Verdict extends Finding {
  gate: string;
  passed: boolean;
  ms: number;
}

/** Runs one gate; what it throws is a fault, too. */
export async function runGate(gate: Gate, root: string): Promise<Verdict> {
  const started = performance.now();
  const finding = await gate.run(root).catch((error: unknown): Finding => {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { faults: [`the gate itself failed: ${reason}`], checked: 0, unit: 'things' };
  });
  if (finding.checked === 0 && finding.faults.length === 0) {
    finding.faults.push(`the gate found no ${finding.unit} to check`);
  }
  return {
    ...finding,
    gate: gate.name,
    passed: finding.faults.length === 0,
    ms: Math.round(performance.now() - started),
  };
}

export interface ToolResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** The tests take longest; their own limit is 25 minutes. */
const TOOL_MS_MAX = 26 * 60_000;
const projectRoot = join(import.meta.dirname, '../..');

export interface ToolOptions {
  /** Also show what the tool prints while it runs; on stderr, to keep stdout for `--json`. Default false. */
  echo?: boolean;
  /** Added to this process's environment. */
  env?: Record<string, string>;
}

/** Runs an installed tool (a name in node_modules/.bin) in the tree. Never through a shell. */
export async function runTool(
  root: string,
  tool: string,
  args: readonly string[],
  { echo = false, env = {} }: ToolOptions = {},
): Promise<ToolResult> {
  const binaries = join(projectRoot, 'node_modules/.bin');
  const child = spawn(join(binaries, tool), args, {
    cwd: root,
    timeout: TOOL_MS_MAX,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      PATH: `${binaries}${delimiter}${process.env['PATH'] ?? ''}`,
      ...env,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (echo) {
    child.stdout.pipe(process.stderr, { end: false });
    child.stderr.pipe(process.stderr, { end: false });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, stdout, stderr };
}

/** Everything a failed tool said, as one fault; none when it succeeded. */
export function toolFaults({ code, stdout, stderr }: ToolResult): string[] {
  if (code === 0) return [];
  return [`${stdout}\n${stderr}`.trim() || `exit code ${code} without a word`];
}

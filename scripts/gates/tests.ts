/** Every test passes (scripts/test.ts), and there is at least one. */
import { join } from 'node:path';
import { runTool } from './gate.ts';
import type { Finding, Gate } from './gate.ts';

export interface TestsGateOptions {
  /** Show on stderr what the tests print while they run: they take minutes. Default false. */
  echo?: boolean;
}

export function createTestsGate({ echo = false }: TestsGateOptions = {}): Gate {
  return {
    name: 'tests',
    what: 'every test passes, and at least one runs',
    run: (root) => runTests(root, echo),
  };
}

async function runTests(root: string, echo: boolean): Promise<Finding> {
  const script = join(import.meta.dirname, '../test.ts');
  const result = await runTool(root, 'node', [script], { echo });
  const lastLine = result.stdout.trimEnd().split('\n').at(-1) ?? '';
  const counts = /^(\d+) passed, (\d+) failed, \d+ skipped$/.exec(lastLine);
  const faults: string[] = [];
  if (counts === null) faults.push(`the run ended without its counts: ${lastLine}`);
  else if (result.code !== 0) faults.push(lastLine);
  const [, passed = 0, failed = 0] = counts ?? [];
  return { faults, checked: Number(passed) + Number(failed), unit: 'tests' };
}

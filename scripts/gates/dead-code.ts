/** No unused file, export or dependency, and none undeclared (knip, configured in knip.json). */
import { join } from 'node:path';
import { runTool, toolFaults } from './gate.ts';
import type { Finding, Gate } from './gate.ts';

export const deadCodeGate: Gate = {
  name: 'dead-code',
  what: 'no unused file, export or dependency (knip)',
  async run(root): Promise<Finding> {
    const counter = join(import.meta.dirname, 'knip-counter.ts');
    const result = await runTool(root, 'knip', [
      '--no-progress',
      '--treat-config-hints-as-errors',
      '--reporter',
      'compact',
      '--reporter',
      counter,
    ]);
    const count = /^knip read (\d+) files$/m.exec(result.stdout);
    const stdout = result.stdout.replace(count?.[0] ?? '', '');
    return {
      faults: toolFaults({ ...result, stdout }),
      checked: Number(count?.[1] ?? 0),
      unit: 'files',
    };
  },
};

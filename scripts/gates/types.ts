/** The TypeScript compiler accepts the tree. Counts only the tree's own files, not its libraries. */
import { runTool, toolFaults } from './gate.ts';
import type { Finding, Gate } from './gate.ts';

export const typesGate: Gate = {
  name: 'types',
  what: 'tsc --noEmit, strict',
  async run(root): Promise<Finding> {
    const result = await runTool(root, 'tsc', [
      '--noEmit',
      '-p',
      '.',
      '--pretty',
      'false',
      '--listFiles',
    ]);
    const lines = result.stdout.split('\n');
    const isFile = (line: string): boolean => /^\S.*\.(d\.)?[cm]?tsx?$/.test(line);
    const own = lines.filter((line) => isFile(line) && !line.includes('/node_modules/'));
    const said = lines.filter((line) => !isFile(line)).join('\n');
    return { faults: toolFaults({ ...result, stdout: said }), checked: own.length, unit: 'files' };
  },
};

/**
 * .env.example names every setting of src/config/variables.ts, set or commented out, and no other:
 * a setting that is missing there does not exist for whoever deploys the app.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runTool, toolFaults } from './gate.ts';
import type { Finding, Gate } from './gate.ts';

export const envExampleGate: Gate = {
  name: 'env-example',
  what: '.env.example names every setting and no other',
  async run(root): Promise<Finding> {
    const unit = 'settings';
    const printer = join(import.meta.dirname, 'print-variables.ts');
    const result = await runTool(root, 'node', [printer, root]);
    if (result.code !== 0) return { faults: toolFaults(result), checked: 0, unit };
    const declared = z.array(z.string()).parse(JSON.parse(result.stdout));
    const example = await readFile(join(root, '.env.example'), 'utf8');
    const named = [...example.matchAll(/^\s*#?\s*([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
    const faults = [
      ...declared
        .filter((name) => !named.includes(name))
        .map((name) => `.env.example lacks ${name}, which src/config/variables.ts declares`),
      ...named
        .filter((name) => name !== undefined && !declared.includes(name))
        .map((name) => `.env.example has ${name}, which src/config/variables.ts does not declare`),
    ];
    return { faults, checked: declared.length, unit };
  },
};

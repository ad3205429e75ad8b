/**
 * For every table, the newest migration that makes its triggers is what its tag declaration
 * generates. Otherwise a changed declaration would be read by the procedures while the database
 * still records the old tags. The tree's own generator runs in a process of its own
 * (print-triggers.ts).
 */
import { join } from 'node:path';
import { z } from 'zod';
import { findOutdatedTriggers } from '../trigger-migrations.ts';
import { runTool, toolFaults } from './gate.ts';
import type { Finding, Gate } from './gate.ts';

const printedSchema = z.array(
  z.object({ tableName: z.string(), functionName: z.string(), sql: z.string() }),
);

export const triggersGate: Gate = {
  name: 'triggers',
  what: 'the migrations make the triggers that the tag declarations generate',
  async run(root): Promise<Finding> {
    const printer = join(import.meta.dirname, 'print-triggers.ts');
    const result = await runTool(root, 'node', [printer, root]);
    if (result.code !== 0) return { faults: toolFaults(result), checked: 0, unit: 'tables' };
    const wanted = printedSchema.parse(JSON.parse(result.stdout));
    const outdated = await findOutdatedTriggers(join(root, 'drizzle'), wanted);
    const faults = outdated.map(({ fault }) => `${fault}\n  repair: npm run db:generate`);
    return { faults, checked: wanted.length, unit: 'tables' };
  },
};

/**
 * oxlint with type information (.oxlintrc.json). The rule that matters most is no-floating-promises
 * with checkThenables: a forgotten `await` is how an invalidation gets lost.
 */
import { z } from 'zod';
import { runTool } from './gate.ts';
import type { Finding, Gate } from './gate.ts';

const reportSchema = z.object({
  number_of_files: z.number(),
  number_of_rules: z.number(),
  diagnostics: z.array(
    z.object({
      message: z.string(),
      code: z.string().optional(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.number() }) })),
    }),
  ),
});

export const lintGate: Gate = {
  name: 'lint',
  what: 'oxlint, type-aware: no floating promise or thenable, no any',
  async run(root): Promise<Finding> {
    const result = await runTool(root, 'oxlint', ['--format', 'json']);
    let report: z.infer<typeof reportSchema>;
    try {
      report = reportSchema.parse(JSON.parse(result.stdout));
    } catch (cause) {
      throw new Error(`oxlint said: ${result.stdout}${result.stderr}`.slice(0, 2000), { cause });
    }
    const faults = report.diagnostics.map(({ filename, labels, message, code }) => {
      const line = labels[0]?.span.line ?? 1;
      return `${filename}:${line} ${message} [${code ?? 'syntax'}]`;
    });
    if (result.code !== 0 && faults.length === 0) faults.push(`oxlint exited with ${result.code}`);
    return { faults, checked: report.number_of_files, unit: 'files' };
  },
};

/** Analyses of what people write. */
export type { Analyzer } from './analyzer.ts';
export { createModelAnalyzer } from './model-analyzer.ts';
export { createTextAnalyzer } from './text-analyzer.ts';

/**
 * What makes an analysis of what somebody has written. One implementation counts words (text-analyzer.ts);
 * the other asks a model (model-analyzer.ts). Knows neither where the texts come from nor where an analysis is kept.
 */
import type { WrittenText } from '../../db/queries/material.ts';
import type { Analysis } from '../../db/schema/index.ts';

export interface Analyzer {
  /** For logs and for people. */
  readonly name: string;
  /** The longest that one run may take: for so long nobody else begins another for the same user. */
  readonly timeoutMs: number;
  /** @param texts  thread by thread, each in the order of writing; none is fine */
  analyze(texts: readonly WrittenText[], signal: AbortSignal): Promise<Analysis>;
}

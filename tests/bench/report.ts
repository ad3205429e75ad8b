/** Tables for people, in columns or as Markdown, and the line that names the machine. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { SPREAD_MAX, type Measured } from './harness.ts';
import type { Row, Table } from './suite.ts';

const BYTES_PER_GIB = 2 ** 30;

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const memory = Math.round(totalmem() / BYTES_PER_GIB);
  return `${model}, ${availableParallelism()} cores, ${memory} GiB, ${process.platform}, Node ${process.versions.node}`;
}

export function printTable({ head, lines }: Table): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)),
  );
  const print = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return [print(head), ...lines.map(print)].join('\n');
}

export function printMarkdown({ head, lines }: Table): string {
  const print = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [print(head), `|${'---|'.repeat(head.length)}`, ...lines.map(print)].join('\n');
}

export function formatNs(ns: number): string {
  if (ns < 1_000) return `${ns.toFixed(0)} ns`;
  if (ns < 1_000_000) return `${(ns / 1_000).toFixed(2)} µs`;
  return `${(ns / 1_000_000).toFixed(2)} ms`;
}

/** Figures that a few percent of noise would not change. */
export function formatRatio(ratio: number): string {
  if (ratio >= 0.1) return ratio.toFixed(2);
  return ratio >= 0.001 ? ratio.toFixed(4) : ratio.toExponential(1);
}

export function tableOf(measured: readonly Measured[], unit: string): Table {
  return {
    head: ['', unit, 'of the floor', 'spread'],
    lines: measured.map(({ name, nsPerOperation, ratio, spread }) => [
      name,
      formatNs(nsPerOperation),
      formatRatio(ratio),
      `±${(spread * 100).toFixed(0)}%`,
    ]),
  };
}

export function rowsOf(measured: readonly Measured[], floor: string): Row[] {
  return measured.map(({ name, ratio, spread, nsPerOperation }) => ({
    name,
    ratio,
    spread,
    floor,
    nsPerOperation,
  }));
}

/** Says which ratios this run did not establish. */
export function warnings(measured: readonly Pick<Measured, 'name' | 'spread'>[]): string[] {
  const noisy = measured.filter(({ spread }) => spread > SPREAD_MAX).map(({ name }) => name);
  if (noisy.length === 0) return [];
  const limit = `±${SPREAD_MAX * 100}%`;
  return [`the spread is beyond ${limit}, so that the ratio means little: ${noisy.join(', ')}`];
}

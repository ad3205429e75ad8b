/**
 * Ratios as a picture for a README: one bar a row, as long as the row is fast. It brings its colours
 * along for light and dark pages; nothing in it is loaded from elsewhere.
 */
import type { Row } from './suite.ts';

export interface ChartOptions {
  readonly title: string;
  /** What it was measured on and with. */
  readonly caption: string;
}

/** Of the longest bar, of a letter at most, and of what is beside names and figures. */
const BAR_WIDTH = 400;
const LETTER_WIDTH = 6.2;
const MARGIN = 20;
const RIGHT = 60;
const ROW_HEIGHT = 20;
const BAR_HEIGHT = 12;
const TOP = 44;
const BOTTOM = 30;
/** Of the project's own rows. */
const OURS = /\bGreenroom\b/;

const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #24292f }
    .title { font-weight: 600; font-size: 14px }
    .caption { fill: #57606a; font-size: 10px }
    .bar { fill: #8c959f } .ours { fill: #1a7f37 } .floor { stroke: #57606a; stroke-dasharray: 3 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .caption { fill: #9198a1 }
      .bar { fill: #6e7681 } .ours { fill: #3fb950 } .floor { stroke: #9198a1 }
    }`;

/** Rows that are no ratio are left out. The floor is the dashed line at 1. */
export function drawChart(rows: readonly Row[], { title, caption }: ChartOptions): string {
  const drawn = rows.flatMap(({ name, ratio }) => (ratio === null ? [] : [{ name, ratio }]));
  if (drawn.length === 0) throw new Error('nothing of this can be drawn');
  const longest = Math.max(1, ...drawn.map(({ ratio }) => ratio));
  const lengthOf = (ratio: number): number => (ratio / longest) * BAR_WIDTH;
  const left = Math.ceil(Math.max(...drawn.map(({ name }) => name.length)) * LETTER_WIDTH) + MARGIN;
  const width = left + BAR_WIDTH + RIGHT;
  const height = TOP + drawn.length * ROW_HEIGHT + BOTTOM;
  const floorX = (left + lengthOf(1)).toFixed(1);
  const bars = drawn.map(({ name, ratio }, index) => {
    const y = TOP + index * ROW_HEIGHT;
    const length = Math.max(1, lengthOf(ratio));
    const kind = OURS.test(name) ? 'bar ours' : 'bar';
    return `  <text x="${left - 8}" y="${y + BAR_HEIGHT - 1}" text-anchor="end">${escape(name)}</text>
  <rect class="${kind}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>
  <text x="${(left + length + 6).toFixed(1)}" y="${y + BAR_HEIGHT - 1}">${shown(ratio)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
  <style>${STYLE}
  </style>
  <text class="title" x="12" y="22">${escape(title)}</text>
${bars.join('\n')}
  <line class="floor" x1="${floorX}" x2="${floorX}" y1="${TOP - 8}" y2="${height - BOTTOM + 2}"/>
  <text class="caption" x="12" y="${height - 8}">${escape(caption)}</text>
</svg>
`;
}

function shown(ratio: number): string {
  return ratio >= 0.1 ? ratio.toFixed(2) : ratio.toPrecision(2);
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

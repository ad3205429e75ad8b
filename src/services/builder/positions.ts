// From offsets and compiler locations to the positions of build-result.ts. Three coordinate systems
// meet here: esbuild's locations (line from 1, column from 0 in UTF-8 bytes), source maps (both
// from 0, UTF-16) and offsets into a string (UTF-16).

import { SourceMap, type SourceMapPayload } from 'node:module';
import type { Location } from 'esbuild';
import type { BuildMessage } from './build-result.ts';
import { MESSAGE_LENGTH_MAX } from './limits.ts';

// The line ends that JavaScript, esbuild and acorn agree on.
const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** Offset of the first character of each line. */
function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(LINE_END), (end) => end.index + end[0].length)];
}

function lineOf(starts: number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

export interface SourcePositions {
  at(offset: number, message: string): BuildMessage;
  atLocation(location: Location | null, message: string): BuildMessage;
}

export function sourcePositions(source: string): SourcePositions {
  const starts = lineStarts(source);

  function lineText(line: number): string {
    return source.slice(starts[line] ?? source.length, starts[line + 1] ?? source.length);
  }

  function message(text: string, line: number, column: number): BuildMessage {
    const whole = lineText(line).replace(LINE_END, '');
    return {
      message: text.slice(0, MESSAGE_LENGTH_MAX),
      line: line + 1,
      column: column + 1,
      lineText: whole.slice(0, MESSAGE_LENGTH_MAX),
    };
  }

  return {
    at(offset, text) {
      const line = lineOf(starts, offset);
      return message(text, line, offset - (starts[line] ?? 0));
    },
    atLocation(location, text) {
      if (!location) return message(text, 0, 0);
      // A line behind the last one is that of a comment which compile.ts added.
      const line = Math.min(location.line, starts.length) - 1;
      const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
      return message(text, line, Math.min(before.length, lineText(line).length));
    },
  };
}

/** Finds, for an offset in built code, the offset in its source; undefined where the compiler put it. */
export function createOffsetMap(source: string, code: string, map: string) {
  const sourceStarts = lineStarts(source);
  const codeStarts = lineStarts(code);
  const sourceMap = new SourceMap(JSON.parse(map) as SourceMapPayload);
  return (offset: number): number | undefined => {
    const line = lineOf(codeStarts, offset);
    const entry = sourceMap.findEntry(line, offset - (codeStarts[line] ?? 0));
    if (!('originalLine' in entry) || entry.originalLine === undefined) return undefined;
    return Math.min((sourceStarts[entry.originalLine] ?? 0) + entry.originalColumn, source.length);
  };
}

// One form for sources that mean the same, so that they share a build: \n line ends (which is how
// JavaScript itself reads the others), no byte order mark, whole surrogate pairs, and props as JSON
// with sorted keys. Throws BuilderError 'invalid_props'.

import { BuilderError } from './builder-error.ts';
import type { BuildSource } from './build-result.ts';
import { NAME_LENGTH_MAX, PROPS_BYTES_MAX } from './limits.ts';

export interface CanonicalSource {
  name: string;
  tsxCode: string;
  propsJson: string;
}

export function canonicalSource(source: BuildSource): CanonicalSource {
  return {
    name: source.name.slice(0, NAME_LENGTH_MAX).toWellFormed(),
    tsxCode: source.tsxCode
      .replace(/^\uFEFF/, '')
      .replace(/\r\n?/g, '\n')
      .toWellFormed(),
    propsJson: propsJson(source.props ?? {}),
  };
}

function propsJson(props: Record<string, unknown>): string {
  let json: string;
  try {
    json = JSON.stringify(props, sortKeys);
  } catch (cause) {
    throw new BuilderError('invalid_props', 'The props are not JSON', { cause });
  }
  if (Buffer.byteLength(json) > PROPS_BYTES_MAX) {
    throw new BuilderError('invalid_props', `The props are larger than ${PROPS_BYTES_MAX} bytes`);
  }
  return json;
}

// fromEntries and not assignment, which would take a key "__proto__" for the prototype.
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

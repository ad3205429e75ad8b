// The address of a build's result: everything that decides its bytes, hashed. A newer compiler,
// other options or another list of imports give other keys, so a cached build is never out of date.

import { createHash } from 'node:crypto';
import { version as esbuildVersion } from 'esbuild';
import { ALLOWED_IMPORTS } from './allowed-imports.ts';
import type { BuildSource } from './build-result.ts';
import { canonicalSource } from './canonical-source.ts';
import { COMPILER_OPTIONS } from './compiler-options.ts';
import { OUTPUT_BYTES_MAX, SOURCE_BYTES_MAX } from './limits.ts';

/** To be raised when the inspection or the code added to a build changes. */
const BUILD_FORMAT = 'greenroom-build/1';

/** SHA-256, in hex, of compiler version, options and canonical source. Throws BuilderError. */
export function buildKey(source: BuildSource): string {
  const { name, tsxCode, propsJson } = canonicalSource(source);
  const parts = [
    BUILD_FORMAT,
    esbuildVersion,
    COMPILER_OPTIONS,
    ALLOWED_IMPORTS,
    [SOURCE_BYTES_MAX, OUTPUT_BYTES_MAX],
    [name, tsxCode, propsJson],
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

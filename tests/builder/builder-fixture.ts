// A builder that closes at the end of its block, and sources for it.

import {
  type BuilderOptions,
  type BuildMessage,
  createBuilder,
} from '../../src/services/builder/index.ts';

/** For one source: a build takes 10 ms, and may take seconds on a busy machine. */
export const PATIENCE_MS = 10_000;

export function openBuilder(options: BuilderOptions = {}) {
  const builder = createBuilder(options);
  return { ...builder, [Symbol.asyncDispose]: () => builder.close() };
}

/** Lines of source, followed by a component where they lack one. */
export function sceneWith(...lines: string[]): string {
  return [...lines, 'export default function Scene() {', '  return <p>scene</p>;', '}', ''].join(
    '\n',
  );
}

/** The errors of a source, as `line:column message`. */
export async function errorsOf(
  builder: { build: ReturnType<typeof createBuilder>['build'] },
  tsxCode: string,
): Promise<string[]> {
  return (await messagesOf(builder, tsxCode)).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

export async function messagesOf(
  builder: { build: ReturnType<typeof createBuilder>['build'] },
  tsxCode: string,
): Promise<BuildMessage[]> {
  const result = await builder.build({ name: 'Scene', tsxCode });
  return result.success ? [] : result.errors;
}

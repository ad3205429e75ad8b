/**
 * The manifest of the package that other apps install: of the studio's dependencies only those that
 * its files import, so that a cache does not bring a sign-in library and an embedding model along, and
 * nothing that is done in this folder (scripts, development). `tests/package` installs it with no more.
 */

/** As much of package.json as is looked at. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

const NEEDED = ['cockatiel', 'ioredis', 'libpg-query', 'superjson'];

const OURS = new Set(['allowScripts', 'devDependencies', 'scripts']);

export function packedManifest(manifest: Manifest): Manifest {
  const kept = Object.entries(manifest).filter(([name]) => !OURS.has(name));
  const { dependencies } = manifest;
  return {
    ...Object.fromEntries(kept),
    dependencies: Object.fromEntries(NEEDED.map((name) => [name, dependencies[name]!])),
  };
}
